import type { RuleCounters } from '../../ruleset/ruleset.ts';

/** What nearly all chains and rules have in dumps without counters. */
const NOTHING_COUNTED: RuleCounters = { packets: 0n, bytes: 0n };

/** `[packets:bytes]`; undefined if it is something else. */
export function readCounters(text: string | undefined): RuleCounters | undefined {
  if (text === undefined) return undefined;
  if (text === '[0:0]') return NOTHING_COUNTED;
  const [, packets, bytes] = /^\[(\d+):(\d+)\]$/.exec(text) ?? [];
  return packets === undefined || bytes === undefined ? undefined : { packets: BigInt(packets), bytes: BigInt(bytes) };
}
