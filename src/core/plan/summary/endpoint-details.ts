import { ruleChange } from './rule-change.ts';
import { countOf, listOf } from './summary.ts';
import { readEndpointChoice, sharesText, type EndpointChoice } from './endpoint-choice.ts';

/** Where an endpoint's chain sends packets, before and after. */
export interface EndpointNames {
  readonly before: (chain: string) => string;
  readonly after: (chain: string) => string;
}

export interface EndpointDetails {
  readonly details: readonly string[];
  /** Chains of endpoints that the details speak of. */
  readonly told: ReadonlySet<string>;
  readonly affinityChanged: boolean;
}

/**
 * What changes for the endpoints of a KUBE-SVC chain (`noun` is endpoint) or a KUBE-SVL chain (local endpoint). A chain that was not there,
 * or goes, has no rules.
 */
export function endpointDetails(noun: string, previous: string, next: string, names: EndpointNames): EndpointDetails {
  const before = readEndpointChoice(previous);
  const after = readEndpointChoice(next);
  const added = missingIn(after, before);
  const removed = missingIn(before, after);
  const details = [
    ...membership(noun, removed.map(names.before), added.map(names.after), sharesChange(before, after)),
    ...(previous === '' || next === '' ? [] : [...affinityChange(before, after), ...masqueradeChange(before, after)]),
  ];
  const others = before.others.join('\n') !== after.others.join('\n');
  if (details.length === 0 || others) details.push(`${noun}s: ${ruleChange(previous, next)}`);
  return {
    details,
    told: new Set([...added, ...removed]),
    affinityChanged: before.affinity.join() !== after.affinity.join(),
  };
}

function missingIn(some: EndpointChoice, others: EndpointChoice): readonly string[] {
  const there = new Set(others.endpoints.map(({ chain }) => chain));
  return [...new Set(some.endpoints.map(({ chain }) => chain))].filter((chain) => !there.has(chain));
}

function sharesChange(before: EndpointChoice, after: EndpointChoice): string {
  const [old, now] = [sharesText(before), sharesText(after)];
  return old === now ? '' : `shares ${old} -> ${now}`;
}

/** Endpoints and shares stand together: the first is why the second changes. */
function membership(
  noun: string,
  removed: readonly string[],
  added: readonly string[],
  shares: string,
): readonly string[] {
  const parts: string[] = [];
  if (added.length > 0 && added.length === removed.length) {
    parts.push(`${countOf(added.length, noun)} replaced (${listOf(removed)} -> ${listOf(added)})`);
  } else {
    if (added.length > 0) parts.push(`${countOf(added.length, noun)} added (${listOf(added)})`);
    if (removed.length > 0) parts.push(`${countOf(removed.length, noun)} removed (${listOf(removed)})`);
  }
  if (shares !== '') parts.push(noun === 'endpoint' ? shares : `${noun}s: ${shares}`);
  return parts;
}

function affinityChange(before: EndpointChoice, after: EndpointChoice): readonly string[] {
  const [old, now] = [before.affinity.join(' and '), after.affinity.join(' and ')];
  if (old === now) return [];
  if (old === '') return [`session affinity on (${now} s)`];
  return [now === '' ? 'session affinity off' : `session affinity timeout ${old} s -> ${now} s`];
}

function masqueradeChange(before: EndpointChoice, after: EndpointChoice): readonly string[] {
  const [old, now] = [before.masquerade.join('\n'), after.masquerade.join('\n')];
  if (old === now || ruleChange(old, now) === 'comments changed') return [];
  if (old === '') return ['masquerade rule added'];
  return [now === '' ? 'masquerade rule removed' : 'masquerade rule changed'];
}
