import { strict as assert } from 'node:assert';
import { printAddresses, printIpSets, printVirtualServers } from '../../src/core/compile/print-ipvs.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { unifiedDiff } from '../support/golden-diff.ts';
import {
  comparableAddresses,
  comparableRules,
  compiledCase,
  ipvsCases,
  isUnfinished,
  recordedIpvs,
  sortedLines,
} from '../support/ipvs-reference.ts';

function assertSame(recorded: string, compiled: string, name: string): void {
  const diff = unifiedDiff(`${recorded}\n`, `${compiled}\n`, name);
  if (diff !== undefined) assert.fail(diff);
}

describe('what kube-proxy v1.36.2 programmed in ipvs mode', () => {
  it('is there: 39 cases', () => {
    assert.ok(ipvsCases.length >= 39, `only ${ipvsCases.length} cases`);
  });

  for (const name of ipvsCases) {
    const recorded = (file: string): string => recordedIpvs(name, file);
    const unfinished = isUnfinished(recorded('ip6tables.save'));

    it(name, () => {
      const rules = compiledCase(name);
      const finished = rules.filter(({ family }) => family === 'ipv4' || !unfinished);
      assertSame(sortedLines(recorded('ipvs.save')), sortedLines(printVirtualServers(rules)), `${name}/ipvs.save`);
      assertSame(sortedLines(recorded('ipset.save')), sortedLines(printIpSets(finished)), `${name}/ipset.save`);
      assertSame(comparableAddresses(recorded('kube-ipvs0.addr')), sortedLines(printAddresses(rules)), `${name}/addr`);
      for (const compiled of finished) {
        const file = compiled.family === 'ipv4' ? 'iptables.save' : 'ip6tables.save';
        assertSame(comparableRules(recorded(file)), comparableRules(printRules(compiled)), `${name}/${file}`);
      }
    });

    if (unfinished) {
      it(`${name}: IPv6 has what was written of it`, () => {
        const [, ipv6] = compiledCase(name);
        assert.ok(ipv6 !== undefined);
        const expected = new Set(comparableRules(printRules(ipv6)).split('\n'));
        const missing = comparableRules(recorded('ip6tables.save'))
          .split('\n')
          .filter((line) => !expected.has(line));
        assert.deepEqual(missing, []);
      });
    }
  }

  it('was recorded in full but for one case', () => {
    const unfinished = ipvsCases.filter((name) => isUnfinished(recordedIpvs(name, 'ip6tables.save')));
    assert.deepEqual(unfinished, ['loadbalancer-source-ranges-local']);
  });
});
