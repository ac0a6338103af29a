import assert from 'node:assert/strict';
import { distributionTable, rulesOfService, verdict } from '../../scripts/demo-report.ts';
import { testUniformity } from '../../scripts/lab/chi-square.ts';

describe("the demo's report", () => {
  it('aligns its table', () => {
    const backends = [
      { name: 'web-1', address: '10.244.0.11:8080', connections: 103 },
      { name: 'web-10', address: '10.244.0.9:8080', connections: 7 },
    ];
    assert.deepEqual(distributionTable(backends), [
      'backend   address            connections    share   expected',
      'web-1     10.244.0.11:8080           103   93.6 %     50.0 %',
      'web-10    10.244.0.9:8080              7    6.4 %     50.0 %',
    ]);
  });

  it('says what the test found', () => {
    assert.equal(verdict(testUniformity([100, 110, 90])), 'even: chi-square 2.00, p = 0.37 (accepted at 0.001)');
    assert.match(verdict(testUniformity([200, 50, 50])), /^NOT EVEN: .* \(refused at 0\.001\)$/);
  });

  it('follows a Service from KUBE-SERVICES to its first endpoint', () => {
    const rules = [
      '-A KUBE-SEP-A -s 10.0.0.1/32 -m comment --comment "default/web:http" -j KUBE-MARK-MASQ',
      '-A KUBE-SEP-A -p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 10.0.0.1:80',
      '-A KUBE-SEP-B -s 10.0.0.2/32 -m comment --comment "default/web:http" -j KUBE-MARK-MASQ',
      '-A KUBE-SERVICES -d 10.96.0.2/32 -p tcp -m comment --comment "default/other:http cluster IP" -j KUBE-SVC-O',
      '-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "default/web:http cluster IP" -j KUBE-SVC-W',
      '-A KUBE-SVC-W ! -s 10.244.0.0/16 -d 10.96.0.1/32 -p tcp -j KUBE-MARK-MASQ',
      '-A KUBE-SVC-W -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-A',
      '-A KUBE-SVC-W -j KUBE-SEP-B',
    ];
    const order = [4, 5, 6, 7, 0, 1];
    assert.deepEqual(
      rulesOfService(rules.join('\n'), 'default/web:http'),
      order.map((index) => rules[index]),
    );
    assert.deepEqual(rulesOfService('', 'default/web:http'), []);
  });
});
