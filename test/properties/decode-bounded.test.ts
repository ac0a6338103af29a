import assert from 'node:assert/strict';
import { decode } from '../../src/core/analyze/decode/decode.ts';
import type { DecodedRules } from '../../src/core/analyze/decode/decoded-rules.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';

const START = 'KUBE-SERVICES -d 10.0.0.1/32 -p tcp -m tcp --dport 80 -j';
const HALF = '-m statistic --mode random --probability 0.5';

/** Of processor time; each takes well below a second. */
const MOST_MS = 5000;

function decodeFast(...rules: readonly string[]): DecodedRules {
  const { ruleset } = parseIptablesSave(`*nat\n${rules.map((rule) => `-A ${rule}\n`).join('')}COMMIT\n`);
  const start = process.cpuUsage();
  const decoded = decode(ruleset);
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1000;
  assert.ok(ms < MOST_MS, `${ms} ms`);
  return decoded;
}

const count = (n: number, rule: (i: number) => string | readonly string[]): readonly string[] =>
  Array.from({ length: n }, (_, i) => rule(i)).flat();

describe('decode takes no more time than there are rules', () => {
  it('where each chain leads twice to the next', () => {
    for (const depth of [14, 60]) {
      const rules = count(depth, (i) => [`C${i} ${HALF} -j C${i + 1}`, `C${i} -j C${i + 1}`]);
      const end = count(40, (i) => `C${depth} ${HALF} -j DNAT --to-destination 10.1.0.${i}:80`);
      const { servicePorts, notDecoded } = decodeFast(`${START} C0`, ...rules, ...end);
      assert.equal(servicePorts[0]?.endpoints.length, depth === 14 ? 40 : 0);
      assert.equal(notDecoded.length > 0, depth > 14);
    }
  });

  it('where one endpoint is led to 50,000 times, and 50,000 once', () => {
    const same = count(50_000, () => `KUBE-SVC-A ${HALF.replace('0.5', '0.0001')} -j KUBE-SEP-A`);
    const one = decodeFast(`${START} KUBE-SVC-A`, ...same, 'KUBE-SEP-A -j DNAT --to-destination 10.1.0.1:80');
    assert.equal(one.servicePorts[0]?.endpoints.length, 1);
    const other = count(50_000, (i) => `KUBE-SVC-A ${HALF.replace('0.5', '0.0001')} -j KUBE-SEP-${i}`);
    const many = decodeFast(`${START} KUBE-SVC-A`, ...other);
    assert.equal(many.servicePorts[0]?.endpoints.length, 50_000);
  });

  it('where packets come back from each of 20,000 chains', () => {
    const rules = count(20_000, (i) => [
      `KUBE-SVC-A ${HALF} -j C${i}`,
      `C${i} ${HALF} -j DNAT --to-destination 10.1.0.1:80`,
    ]);
    assert.equal(decodeFast(`${START} KUBE-SVC-A`, ...rules).servicePorts[0]?.endpoints.length, 20_000);
  });

  it('where 2000 rules lead to a chain of 2000', () => {
    const lists = count(2000, (i) => `KUBE-SERVICES -d 10.1.${i >> 8}.${i & 255}/32 -j LIST`);
    const rules = count(2000, (i) => `LIST -p tcp -m tcp --dport ${i + 1} -j KUBE-SVC-${i}`);
    decodeFast(...lists, ...rules);
  });

  it('where jumps are nested 100,000 deep, or lead in circles', () => {
    const deep = decodeFast(`${START} C0`, ...count(100_000, (i) => `C${i} -j C${i + 1}`));
    assert.ok(deep.notDecoded.length > 0);
    const circle = decodeFast(
      `${START} C0`,
      ...count(1000, (i) => `C${i} -j C${(i + 1) % 1000}`),
      'KUBE-SERVICES -j KUBE-SERVICES',
    );
    assert.ok(circle.notDecoded.length > 0);
  });
});
