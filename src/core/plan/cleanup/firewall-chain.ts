import type { SavedChain, SavedRules } from '../../ruleset/saved-rules.ts';
import { ruleLines } from '../rule-lines.ts';
import { kubeChainOwner } from './kube-chains.ts';

/** kube-proxy 1.18 and newer with localhostNodePorts, and the kubelet 1.18 and newer, write this rule, word for word (CVE-2020-8558). */
const LOCALNET = /-m comment --comment "block incoming localnet connections" .*-j DROP$/;

/** The kubelet until 1.27: what KUBE-MARK-DROP has marked is dropped. */
const MARKED = / --mark 0x0*8000\/0x0*8000 .*-j DROP$/;

/**
 * Whether the kubelet writes rules on this node. Where it does, KUBE-FIREWALL is its own: it puts everything there that kube-proxy wants there,
 * and without it neighbours of the node reach what listens on 127.0.0.1.
 */
export function hasKubelet(saved: SavedRules): boolean {
  return saved.tables.some(({ name, chains }) =>
    [...chains.values()].some((chain) => {
      const owner = kubeChainOwner(name, chain.name);
      return owner === 'kubelet' || (owner === 'shared' && ruleLines(chain.rules).some((line) => MARKED.test(line)));
    }),
  );
}

/** Whether a KUBE-FIREWALL holds nothing but what kube-proxy writes into it. */
export function isProxyFirewall(chain: SavedChain): boolean {
  return ruleLines(chain.rules).every((line) => LOCALNET.test(line));
}
