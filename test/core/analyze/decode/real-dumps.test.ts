// Dumps of other people's machines, where they lie beside the checkout: what their files' names say of them must be found out.
import assert from 'node:assert/strict';
import { decode } from '../../../../src/core/analyze/decode/decode.ts';
import type { DecodedRules } from '../../../../src/core/analyze/decode/decoded-rules.ts';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { realDumps, realDumpsFolder, type NamedText } from '../../../support/real-dumps.ts';

const folder = realDumpsFolder();

/** 24 of 1.24. */
function minor(version: string | undefined): number | undefined {
  return version === undefined ? undefined : Number(version.slice(2));
}

describe('decode of dumps of real machines', () => {
  if (folder === undefined) {
    it('are not there: give their folder as CHAINSMITH_DUMPS', () => assert.equal(realDumpsFolder(), undefined));
    return;
  }
  const dumps = realDumps(folder);
  const decoded = new Map<string, DecodedRules>();
  const of = (part: string): DecodedRules => {
    const name = dumps.find((dump) => dump.name.includes(part))?.name ?? assert.fail(`no dump ${part}`);
    return decoded.get(name) ?? assert.fail(`${name} was not decoded`);
  };
  const decodeOne = ({ name, text }: NamedText): DecodedRules => {
    const result = decode(parseIptablesSave(text, { file: name }).ruleset);
    decoded.set(name, result);
    return result;
  };

  for (const dump of dumps) {
    it(dump.name, () => {
      const { writer, servicePorts, notDecoded } = decodeOne(dump);
      if (/^(?:net|nf|antrea|istio|docker|listing|ipset|ipvsadm|nft)-/.test(dump.name)) {
        assert.deepEqual([writer.mode, servicePorts, notDecoded], [undefined, [], []]);
      }
      // The version in the file's name, where it has one, is one that the rules allow.
      const said = minor(/^(?:k8s|k3s)-(1\.\d+)-/.exec(dump.name)?.[1]);
      if (said === undefined || writer.mode === undefined) return;
      assert.ok((minor(writer.since) ?? 0) <= said, `since ${writer.since}`);
      assert.ok((minor(writer.until) ?? 99) >= said, `until ${writer.until}`);
    });
  }

  it('all of kube-proxy in iptables mode are understood to the last rule', () => {
    const whole = dumps.filter(({ name, text }) => /^k[38]s-(?!.*excerpt)/.test(name) && /^# Completed/m.test(text));
    assert.ok(whole.length >= 8, `${whole.length}`);
    for (const { name } of whole) {
      const { writer, notDecoded, servicePorts } = decoded.get(name) ?? assert.fail(name);
      if (writer.mode !== 'iptables' || /ip6tables|placeholder/.test(name)) continue;
      assert.deepEqual(notDecoded, [], name);
      assert.ok(servicePorts.length > 0, name);
      // One address was replaced in it on purpose; the hash of its chain tells.
      const others = servicePorts.flatMap(({ endpoints }) => endpoints.filter((e) => e.hashAgrees === false));
      assert.equal(others.length, name.startsWith('k8s-1.1-') ? 1 : 0, name);
      for (const { endpoints, hashAgrees } of servicePorts) {
        assert.equal(hashAgrees, true, name);
        for (const { hairpin, cluster } of endpoints) {
          assert.equal(hairpin, true, name);
          assert.equal(cluster?.precision, 'kernel', name);
        }
      }
    }
  });

  it('endpoints of misprinted rules are found by their hashes', () => {
    const { writer, servicePorts } = of('broken-dnat');
    assert.deepEqual([writer.mode, writer.leftoverModes], ['ipvs', ['iptables']]);
    const endpoints = servicePorts.flatMap(({ name, endpoints }) =>
      endpoints.map(({ text, knownBy }) => [name, text, knownBy]),
    );
    assert.equal(endpoints.length, 7);
    assert.ok(endpoints.every(([, text = '', by]) => by === 'hash' && /:(?:53|443|9153|6443)$/.test(text)));
  });

  it('the modes and policies are seen', () => {
    assert.equal(of('userspace').writer.mode, 'userspace');
    assert.ok(of('userspace').servicePorts.every(({ frontends }) => frontends.every((f) => f.proxyPort !== undefined)));
    assert.equal(of('k8s-ipvs-docker').writer.mode, 'ipvs');
    assert.deepEqual(
      of('k8s-ipvs-docker').ipvsSets.map(({ name }) => name),
      ['KUBE-LOOP-BACK', 'KUBE-CLUSTER-IP'],
    );
    assert.equal(of('xlb-local').servicePorts[0]?.externalPolicy, 'Local');
    assert.equal(of('affinity-on').servicePorts[0]?.affinity?.seconds, 10_800);
    assert.equal(of('affinity-off').servicePorts[0]?.endpoints[0]?.cluster?.precision, 'five-decimals');
    assert.deepEqual(
      of('kube-router-nft').programs.map(({ name }) => name),
      ['CNI plugins', 'flannel', 'kube-router', 'kubelet'],
    );
  });
});
