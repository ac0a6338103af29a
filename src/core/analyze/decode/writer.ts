import type { RulesetChain } from '../../ruleset/ruleset.ts';
import { sortedBy } from '../../util/order.ts';
import { findClues, type ClueContext, type FoundClue } from './clues.ts';
import type { DecodedWriter, ProxyMode } from './decoded-rules.ts';

const MODES: readonly ProxyMode[] = ['iptables', 'ipvs', 'userspace'];

/** Which kube-proxy wrote the rules: its mode and version, as far as they show them. */
export function findWriter(context: ClueContext): DecodedWriter {
  const clues = findClues(context);
  const present = MODES.filter((mode) => clues.some(({ clue }) => clue.mode === mode));
  const mode = present.length > 1 ? atWork(present, context) : present[0];
  if (mode === undefined) {
    const chain = kubeletChain(context);
    // From a part of a dump nothing follows from what is not there.
    const isPart = context.ruleset.tables.some(({ excerpt }) => excerpt === true);
    const text = isPart
      ? 'no rules of kube-proxy in this part of a dump'
      : chain === undefined
        ? 'no kube-proxy: there are no chains of it'
        : 'no rules of kube-proxy, only chains that the kubelet makes as well';
    const evidence = chain === undefined ? [] : [{ text: `the chain ${chain.name}`, line: chain.line }];
    return { mode, leftoverModes: [], since: undefined, until: undefined, text, evidence };
  }
  const own = clues.filter(({ clue }) => clue.mode === mode || clue.mode === undefined);
  const since = bound(own, 'since');
  const until = bound(own, 'until');
  const leftoverModes = present.filter((other) => other !== mode);
  const telling = own.filter(({ clue }) => isTelling(clue, since, until));
  const sign = own
    .filter(({ clue }) => clue.mode === mode && !telling.some((found) => found.clue === clue))
    .slice(0, 1);
  const others = leftoverModes.flatMap((other) => clues.filter(({ clue }) => clue.mode === other).slice(0, 1));
  return {
    mode,
    leftoverModes,
    since: since === undefined ? undefined : `1.${since}`,
    until: until === undefined ? undefined : `1.${until}`,
    text: `kube-proxy${versions(since, until)}, ${mode} mode${leftovers(leftoverModes)}`,
    evidence: [...(telling.length === 0 ? sign : telling), ...others, ...(telling.length === 0 ? [] : sign)].map(
      ({ text, line }) => ({ text, line }),
    ),
  };
}

/** The newest beginning, and the oldest end. */
function bound(clues: readonly FoundClue[], side: 'since' | 'until'): number | undefined {
  const numbers = clues.flatMap(({ clue }) => clue[side] ?? []);
  if (numbers.length === 0) return undefined;
  return side === 'since' ? Math.max(...numbers) : Math.min(...numbers);
}

function isTelling(clue: FoundClue['clue'], since: number | undefined, until: number | undefined): boolean {
  return (clue.since !== undefined && clue.since === since) || (clue.until !== undefined && clue.until === until);
}

function versions(since: number | undefined, until: number | undefined): string {
  if (since === undefined) return until === undefined ? '' : ` 1.${until} or older`;
  if (until === undefined) return ` 1.${since} or newer`;
  if (until === since) return ` 1.${since}`;
  return until > since ? ` 1.${since} to 1.${until}` : ` 1.${since} or newer, and rules of 1.${until} or older`;
}

function leftovers(modes: readonly ProxyMode[]): string {
  return modes.length === 0 ? '' : `; chains of the ${modes.join(' and ')} mode are left over`;
}

/** KUBE-SERVICES is emptied by each mode when it starts, so what it does tells who was there last. */
function atWork(present: readonly ProxyMode[], { nat, ruleset }: ClueContext): ProxyMode | undefined {
  const steps = nat.steps('KUBE-SERVICES') ?? [];
  if (present.includes('ipvs') && steps.some(({ guard }) => guard.sets.length > 0)) return 'ipvs';
  const leads = (chain: string): boolean =>
    ruleset.tables.some(({ name, chains }) =>
      [...(name === 'nat' ? chains.values() : [])].some(
        ({ policy, rules }) =>
          policy !== '-' && rules.some(({ rule: { target } }) => target.kind === 'jump' && target.chain === chain),
      ),
    );
  if (present.includes('iptables') && (leads('KUBE-SERVICES') || steps.length > 0)) return 'iptables';
  if (present.includes('userspace') && (leads('KUBE-PORTALS-CONTAINER') || leads('KUBE-PORTALS-HOST')))
    return 'userspace';
  return present[0];
}

const KUBELET = /^KUBE-(?:KUBELET-CANARY|PROXY-CANARY|IPTABLES-HINT|MARK-DROP|MARK-MASQ|FIREWALL|POSTROUTING)$/;

/** The first of them in the dump. */
function kubeletChain({ ruleset }: ClueContext): RulesetChain | undefined {
  const chains = ruleset.tables.flatMap(({ chains }) => [...chains.values()].filter(({ name }) => KUBELET.test(name)));
  return sortedBy(chains, ({ line }) => line)[0];
}
