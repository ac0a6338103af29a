import type { EditChain } from './plan.ts';
import { targetOf } from './rule-lines.ts';

/** A rule of a built-in chain in a few words. */
export function ruleName(line: string): string {
  const target = targetOf(line);
  return target?.startsWith('KUBE-') === true ? `the jump to ${target}` : `the rule ${JSON.stringify(line)}`;
}

/** `the jumps to KUBE-SERVICES and KUBE-FORWARD go`: what becomes of the rules of a built-in chain. One that is moved goes and comes. */
export function editWords(edits: EditChain['edits']): string {
  const rules = (kind: 'delete' | 'insert'): readonly string[] =>
    edits.flatMap((edit) => (edit.kind === kind ? [ruleName(edit.rule)] : []));
  const parts = [inWords(rules('delete'), 'goes', 'go'), inWords(rules('insert'), 'comes', 'come')];
  return parts.filter((part) => part !== '').join('; ');
}

const JUMP = 'the jump to ';

function inWords(names: readonly string[], one: string, several: string): string {
  if (names.length < 2) return names.map((name) => `${name} ${one}`).join('');
  const areJumps = names.every((name) => name.startsWith(JUMP));
  const words = areJumps ? names.map((name) => name.slice(JUMP.length)) : names;
  return `${areJumps ? 'the jumps to ' : ''}${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''} ${several}`;
}
