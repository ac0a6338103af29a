// Dumps of other people's machines, where they lie beside the checkout.
import assert from 'node:assert/strict';
import { lint } from '../../../../src/core/analyze/lint/lint.ts';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { realDumps, realDumpsFolder } from '../../../support/real-dumps.ts';

const folder = realDumpsFolder();

/** Errors and warnings that were looked at by eye, and are so. In all others there are none. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  // An address was replaced in this copy, so that a chain's name stands for another endpoint. No --cluster-cidr, and older than 1.18.4.
  'k8s-1.1-coreos-flannel-2016.txt': ['endpoint-name-mismatch', 'localnet-exposed', 'no-cluster-masquerade'],
  'k8s-1.11-weave-2018.txt': ['localnet-exposed'],
  // KUBE-FIREWALL has only the rule for marked packets.
  'k8s-1.19-kind-complete-2020.txt': ['localnet-exposed'],
  // filter was flushed: no canary and no KUBE-FIREWALL, which the other tables' contents say must be there.
  'k8s-1.26-ext-flannel-2023.txt': ['canary-missing', 'localnet-exposed'],
  'k8s-1.2x-ipvs-restore-input-unescaped.txt': ['random-fully-missing'],
  // Its author emptied the chain of an endpoint.
  'k8s-1.5-externalip-placeholder-2017.txt': ['jump-to-empty-chain', 'localnet-exposed'],
  // ipvs mode with all that iptables mode left, printed by an older iptables-save.
  'k8s-cilium-ipvs-broken-dnat-2022.txt': [
    'dnat-misprinted',
    'ipvs-filter-missing',
    'random-fully-missing',
    'stale-reject',
    'two-modes',
  ],
  // No clusterCIDR, as with the VPC CNI.
  'k8s-eks-1.10-2018.txt': ['localnet-exposed', 'no-cluster-masquerade'],
  'rules-S-eks-1.2x-nat.txt': ['no-cluster-masquerade'],
  // Older than KUBE-IPVS-FILTER.
  'k8s-ipvs-docker-2020.txt': ['ipvs-filter-missing'],
};

describe('lint of dumps of real machines', () => {
  if (folder === undefined) {
    it('needs them: give their folder as CHAINSMITH_DUMPS', () => assert.equal(realDumpsFolder(), undefined));
    return;
  }
  for (const { name, text } of realDumps(folder)) {
    it(name, () => {
      const findings = lint({ dumps: [{ file: name, ...parseIptablesSave(text, { file: name }) }] });
      const loud = findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code);
      assert.deepEqual([...new Set(loud)].sort(), KNOWN[name] ?? []);
      for (const { place, related } of findings) {
        for (const { line } of [place, ...related].flatMap((one) => one ?? [])) {
          assert.ok(line === undefined || (line >= 1 && line <= text.split('\n').length));
        }
      }
    });
  }
});
