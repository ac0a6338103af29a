import assert from 'node:assert/strict';
import { kubeSets } from '../../../../src/core/compile/ipvs/kube-sets.ts';
import type { SetMember } from '../../../../src/core/compile/ipvs/set-members.ts';
import { kubeSetNames } from '../../../../src/core/ruleset/kube-ip-sets.ts';
import { ipSetText } from '../../../../src/core/render/ip-set-text.ts';
import type { IpNetwork } from '../../../../src/core/ruleset/rule-values.ts';

function members(count: number): readonly SetMember[] {
  const single = (n: number): IpNetwork => {
    const text = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    return { family: 'ipv4', base: BigInt(0x0a000000 + n), mask: 0xffffffffn, prefix: 32, text: `${text}/32` };
  };
  return Array.from({ length: count }, (_, n) => ({
    set: 'CLUSTER-IP',
    parts: [
      { kind: 'network', network: single(n) },
      { kind: 'port', protocol: 6, ports: { first: 80, last: 80 } },
    ],
  }));
}

function maxelem(count: number): string | undefined {
  const set = kubeSets('ipv4', members(count), []).find(({ name }) => name === 'KUBE-CLUSTER-IP');
  assert.equal(set?.entries.length, count);
  return set.header[set.header.indexOf('maxelem') + 1];
}

describe('kubeSets', () => {
  it('has all sets of a family, by name, none longer than ipset takes', () => {
    for (const family of ['ipv4', 'ipv6'] as const) {
      const names = kubeSets(family, [], []).map(({ name }) => name);
      assert.equal(names.length, kubeSetNames.length);
      assert.deepEqual(names, names.toSorted());
      assert.equal(new Set(names).size, names.length);
      assert.ok(names.every((name) => name.length <= 31));
    }
  });

  it('counts a member once', () => {
    const [set] = kubeSets('ipv4', [...members(1), ...members(1)], []);
    assert.ok(set !== undefined);
    assert.match(ipSetText(set), /^create KUBE-CLUSTER-IP .*\nadd KUBE-CLUSTER-IP 10\.0\.0\.0,tcp:80\n$/);
  });

  it('makes sets larger that would not hold their members', () => {
    assert.equal(maxelem(65_536), '65536');
    assert.equal(maxelem(65_537), '131072');
  });
});
