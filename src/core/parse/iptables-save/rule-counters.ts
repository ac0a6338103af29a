import type { RuleCounters } from '../../ruleset/ruleset.ts';

/** `[packets:bytes]`; undefined if it is something else. */
export function readCounters(text: string | undefined): RuleCounters | undefined {
  if (text === undefined) return undefined;
  const [, packets, bytes] = /^\[(\d+):(\d+)\]$/.exec(text) ?? [];
  return packets === undefined || bytes === undefined ? undefined : { packets: BigInt(packets), bytes: BigInt(bytes) };
}
