// Chains that others write too: the built-in ones, and the kubelet's KUBE-FIREWALL. Only our rules in them are looked at and moved.
import { editRules } from './edit-rules.ts';
import { ruleName } from './edit-words.ts';
import type { EditChain } from './plan.ts';
import { joinLines, ruleLines, targetOf } from './rule-lines.ts';
import type { Canonical } from './same-rules.ts';

export interface SharedChainInput {
  readonly table: string;
  readonly chain: string;
  /** Undefined if the kernel does not have the chain. */
  readonly current: string | undefined;
  /** Our rules, in the order that a fresh node shows. */
  readonly desired: string;
  readonly canonical: Canonical;
  /** Whether a rule is a jump as kube-proxy writes it, wanted or not. Rules of others may lead to our chains too. */
  readonly isJumpOfOurs: (rule: string) => boolean;
  /** Why a rule of somebody else must not stand before ours; undefined if it may. */
  readonly steals: (rule: string) => string | undefined;
}

/** Undefined if each of our rules is there once, in an order that means the same, and nothing before them takes their packets. */
export function planSharedChain(input: SharedChainInput): EditChain | undefined {
  const { table, chain } = input;
  const current = ruleLines(input.current ?? '');
  const faults = faultsOf(input, current);
  if (faults.length === 0) return undefined;
  const next = [mended, rewritten]
    .map((make) => make(input, current))
    .find((lines) => faultsOf(input, lines).length === 0);
  const rules = joinLines(next ?? rewritten(input, current));
  const wanted = new Set(ruleLines(input.desired).map(input.canonical));
  const mayMove = (line: string): boolean => {
    const text = input.canonical(line);
    return wanted.has(text) || input.isJumpOfOurs(text);
  };
  const edits = editRules(input.current ?? '', rules, mayMove);
  const reason = faults.join('; ');
  return {
    kind: 'edit-chain',
    table,
    chain,
    reason,
    previous: { rules: input.current ?? '' },
    next: { rules },
    edits,
  };
}

/** What is wrong, each in a few words. */
function faultsOf(input: SharedChainInput, lines: readonly string[]): readonly string[] {
  const texts = lines.map(input.canonical);
  const desired = ruleLines(input.desired).map(input.canonical);
  const faults = [...missingFault(desired.filter((line) => !texts.includes(line)))];
  for (const line of desired) {
    const copies = texts.filter((text) => text === line).length;
    if (copies > 1) faults.push(`${ruleName(line)} is there ${copies} times`);
  }
  for (const text of texts) {
    if (input.isJumpOfOurs(text) && !desired.includes(text))
      faults.push(`${ruleName(text)} is not the rule that belongs here`);
  }
  return [...faults, ...orderFaults(desired, texts), ...theftFaults(input, lines, texts, desired)];
}

function missingFault(lines: readonly string[]): readonly string[] {
  const jumps = lines.map((line) => targetOf(line) ?? '').filter((target) => target.startsWith('KUBE-'));
  if (jumps.length < 2 || jumps.length < lines.length) return lines.map((line) => `${ruleName(line)} is missing`);
  return [`the jumps to ${jumps.slice(0, -1).join(', ')} and ${jumps.at(-1) ?? ''} are missing`];
}

/**
 * Chains that accept packets, against chains that refuse them: only between these two does the order of our jumps matter. A fresh node
 * and one that was upgraded differ in the rest. The kubelet puts its own jump to KUBE-FIREWALL where it likes.
 */
const ACCEPTING: ReadonlySet<string> = new Set(['KUBE-FORWARD', 'KUBE-NODEPORTS', 'KUBE-NODE-PORT']);
const KUBELET_CHAIN = 'KUBE-FIREWALL';

function orderFaults(desired: readonly string[], texts: readonly string[]): readonly string[] {
  const faults: string[] = [];
  desired.forEach((first, i) => {
    for (const second of desired.slice(i + 1)) {
      const [a, b] = [targetOf(first) ?? '', targetOf(second) ?? ''];
      if (a === KUBELET_CHAIN || b === KUBELET_CHAIN || ACCEPTING.has(a) === ACCEPTING.has(b)) continue;
      const [placeA, placeB] = [texts.indexOf(first), texts.indexOf(second)];
      if (placeA >= 0 && placeB >= 0 && placeB < placeA)
        faults.push(`${ruleName(second)} stands before ${ruleName(first)}`);
    }
  });
  return faults;
}

function theftFaults(
  input: SharedChainInput,
  lines: readonly string[],
  texts: readonly string[],
  desired: readonly string[],
): readonly string[] {
  const last = Math.max(...desired.map((line) => texts.indexOf(line)));
  const before = lines.filter((_, i) => i < last && !desired.includes(texts[i] ?? ''));
  return before.map(input.steals).filter((reason) => reason !== undefined);
}

/** What is wrong goes, what is missing comes first, as kube-proxy inserts it; all else stays where it is. */
function mended(input: SharedChainInput, current: readonly string[]): readonly string[] {
  const desired = ruleLines(input.desired);
  const wanted = desired.map(input.canonical);
  const seen = new Set<string>();
  const kept = current.filter((line) => {
    const text = input.canonical(line);
    if (!wanted.includes(text)) return !input.isJumpOfOurs(text);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
  return [...desired.filter((_, i) => !seen.has(wanted[i] ?? '')), ...kept];
}

/** All of ours first, in the order of a fresh node. */
function rewritten(input: SharedChainInput, current: readonly string[]): readonly string[] {
  const desired = ruleLines(input.desired);
  const wanted = new Set(desired.map(input.canonical));
  const others = current.filter((line) => {
    const text = input.canonical(line);
    return !wanted.has(text) && !input.isJumpOfOurs(text);
  });
  return [...desired, ...others];
}
