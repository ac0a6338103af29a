import { readEndpointChoice } from './endpoint-choice.ts';
import { byKind, type FrontendRule } from './frontend-rule.ts';
import { rulesAround } from './service-chain-details.ts';
import type { ServiceChanges } from './service-changes.ts';
import { countOf, listOf } from './summary.ts';

/** A service port that is new, or goes: what it has, in a few words. */
export function wholeServiceDetails({ chains, added, removed }: ServiceChanges): readonly string[] {
  const choices = chains.flatMap((change) => {
    const noun = NOUNS.get(change.chain.slice(0, 'KUBE-SVC-'.length));
    return noun === undefined ? [] : [{ noun, choice: readEndpointChoice(rulesAround(change).join('')) }];
  });
  const frontends = byKind([...added, ...removed]);
  const served = frontends.filter(({ role }) => role === 'serves').map(nameOf);
  const endpoints = choices.map(({ noun, choice }) => countOf(choice.endpoints.length, noun)).join(', ');
  const affinity = [...new Set(choices.flatMap(({ choice }) => choice.affinity))].map((s) => `session affinity ${s} s`);
  return [
    ...(served.length > 0 ? [`${listOf(served)}${endpoints === '' ? '' : ` -> ${endpoints}`}`] : []),
    ...frontends.filter(({ role }) => role === 'refuses').map(refusal),
    ...frontends.filter(({ role }) => role === 'checks').map(({ kind, address }) => `${kind} ${address}`),
    ...affinity,
    ...(frontends.every(({ role }) => role === 'guards')
      ? [`${countOf(chains.length, 'chain')} that nothing led to`]
      : []),
  ];
}

const NOUNS: ReadonlyMap<string, string> = new Map([
  ['KUBE-SVC-', 'endpoint'],
  ['KUBE-SVL-', 'local endpoint'],
]);

function nameOf({ kind, address }: FrontendRule): string {
  return kind === 'clusterIP' || kind === '' ? address : `${kind} ${address}`;
}

function refusal(rule: FrontendRule): string {
  return `${nameOf(rule)} refused (${rule.target}${rule.why === '' ? '' : `, ${rule.why}`})`;
}
