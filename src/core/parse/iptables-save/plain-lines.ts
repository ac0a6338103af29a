// By far the most lines of a dump, as iptables-save writes them.
import { NO_PACKETS, RULE_CHAIN } from './expected-rules.ts';

const DASH = 45;
const UPPER_A = 65;
const BLANK = 32;
const RETURN = 13;
const COLON = 58;
const COUNTERS = /^\[\d+:\d+\]$/;
const WORD = /^\S+$/;

/** Whether the line from `at` to its newline is `-A ...`. */
export function isPlainRule(text: string, at: number, newline: number): boolean {
  if (text.charCodeAt(at) !== DASH || text.charCodeAt(at + 1) !== UPPER_A || text.charCodeAt(at + 2) !== BLANK) {
    return false;
  }
  return text.charCodeAt(newline - 1) !== RETURN;
}

/** The chain of such a rule; undefined if that is no name. */
export function chainOfRule(text: string, at: number, newline: number): string | undefined {
  const blank = text.indexOf(' ', at + 3);
  const name = text.slice(at + 3, blank === -1 || blank > newline ? newline : blank);
  return RULE_CHAIN.test(name) ? name : undefined;
}

/** Whether the line may be `:CHAIN POLICY [packets:bytes]`. */
export function seemsChain(text: string, at: number): boolean {
  return text.charCodeAt(at) === COLON;
}

interface PlainChain {
  readonly name: string;
  readonly policy: string;
  readonly counters: string;
}

/** Such a line; undefined if it is none. */
export function readPlainChain(text: string, at: number, newline: number): PlainChain | undefined {
  const afterName = text.indexOf(' ', at);
  const afterPolicy = text.indexOf(' ', afterName + 1);
  if (afterName === -1 || afterPolicy === -1 || afterPolicy > newline) return undefined;
  const [name, policy] = [text.slice(at + 1, afterName), text.slice(afterName + 1, afterPolicy)];
  const counters = text.slice(afterPolicy + 1, newline);
  if (!COUNTERS.test(counters) || !WORD.test(name) || !WORD.test(policy)) return undefined;
  return { name, policy, counters: counters === NO_PACKETS ? NO_PACKETS : counters };
}
