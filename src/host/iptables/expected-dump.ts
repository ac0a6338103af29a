import {
  expectedText,
  expectRules,
  type ExpectedPart,
  type ExpectedRules,
  type LikelyChain,
} from '../../core/parse/iptables-save/expected-rules.ts';

/** Bytes that a dump most likely has, in one piece, and of what they are. */
export interface ExpectedBytes {
  readonly table: string;
  readonly part: ExpectedPart;
  readonly bytes: Buffer;
  /** How many of them are its first line, newline included. */
  readonly firstLine: number;
}

/** What iptables-save will most likely print. */
export interface ExpectedDump {
  readonly rules: ExpectedRules;
  /** Of its largest table, in the dump's order. */
  readonly bytes: readonly ExpectedBytes[];
}

const NEWLINE = 10;
const PARTS: readonly ExpectedPart[] = ['declarations', 'rules'];

/** Takes 30 ms for 56,000 chains: best made while somebody else works. */
export function expectDump(likely: Iterable<LikelyChain>): ExpectedDump {
  const rules = expectRules(likely);
  const largest = [...rules].reduce<readonly ExpectedBytes[]>((most, [table, chains]) => {
    const parts = PARTS.flatMap((part) => expectedBytes(table, part, expectedText(chains, part)));
    return sizeOf(parts) > sizeOf(most) ? parts : most;
  }, []);
  return { rules, bytes: largest };
}

function expectedBytes(table: string, part: ExpectedPart, text: string | undefined): readonly ExpectedBytes[] {
  // Half a surrogate pair is no byte of a dump: what is read there is another text.
  if (text === undefined || text === '' || !text.isWellFormed()) return [];
  const bytes = Buffer.from(text);
  return [{ table, part, bytes, firstLine: bytes.indexOf(NEWLINE) + 1 }];
}

function sizeOf(parts: readonly ExpectedBytes[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
