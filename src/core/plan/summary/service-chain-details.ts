import { ruleLines, targetOf } from '../rule-lines.ts';
import type { ChainChange } from '../plan.ts';
import { ruleChange } from './rule-change.ts';

/** The rules of a chain before and after a change; empty where there is no chain. */
export function rulesAround(change: ChainChange): readonly [previous: string, next: string] {
  return [
    change.kind === 'create-chain' ? '' : change.previous.rules,
    change.kind === 'delete-chain' ? '' : change.next.rules,
  ];
}

/** KUBE-EXT: traffic to external IPs, load balancer IPs and nodePorts. */
export function externalDetails(change: ChainChange): readonly string[] {
  const [previous, next] = rulesAround(change);
  const [old, now] = [policyOf(previous), policyOf(next)];
  if (change.kind === 'create-chain') return [`external traffic on (policy ${now})`];
  if (change.kind === 'delete-chain') return [`external traffic off (policy was ${old})`];
  if (old !== now) return [`externalTrafficPolicy ${old} -> ${now}`];
  const [oldTarget, nextTarget] = [lastTarget(previous), lastTarget(next)];
  return oldTarget === nextTarget
    ? [`external traffic: ${ruleChange(previous, next)}`]
    : [`external traffic leads to ${nextTarget}, was ${oldTarget}`];
}

/** With policy Local, and with it alone, traffic of the node itself goes a way of its own. */
function policyOf(rules: string): string {
  return rules.includes(' --src-type LOCAL ') ? 'Local' : 'Cluster';
}

function lastTarget(rules: string): string {
  const target = targetOf(ruleLines(rules).at(-1) ?? '') ?? 'nothing';
  return target.startsWith('KUBE-SV') ? target : 'nowhere';
}

/** KUBE-FW: the source ranges of load balancer IPs. */
export function firewallDetails(change: ChainChange): readonly string[] {
  const [previous, next] = rulesAround(change);
  const [old, now] = [sourcesOf(previous), sourcesOf(next)];
  if (change.kind === 'create-chain') return [`source ranges: only ${now.join(', ') || 'nobody'}`];
  if (change.kind === 'delete-chain') return ['source ranges off'];
  const added = now.filter((source) => !old.includes(source)).map((source) => `+${source}`);
  const removed = old.filter((source) => !now.includes(source)).map((source) => `-${source}`);
  const changes = [...added, ...removed];
  return [`source ranges: ${changes.length === 0 ? ruleChange(previous, next) : changes.join(', ')}`];
}

function sourcesOf(rules: string): readonly string[] {
  return ruleLines(rules).flatMap((line) => {
    const source = /^-A \S+ -s (\S+) /.exec(line)?.[1];
    return source === undefined ? [] : [source];
  });
}

/** `10.0.0.3:80`: where the DNAT of an endpoint's chain leads to; undefined if it has none. */
export function endpointOf(rules: string): string | undefined {
  return / --to-destination (\S+)/.exec(rules)?.[1];
}

const RECENT = / -m recent --set --name \S+ --mask \S+ --rsource/g;

/** Whether the rules of an endpoint's chain differ in remembering clients only. */
export function differInAffinity(previous: string, next: string): boolean {
  return previous.replace(RECENT, '') === next.replace(RECENT, '');
}
