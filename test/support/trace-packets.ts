// Packets and their ends as short texts, for tests of the trace.
import { readAddress, endpointText, type KnownAddress } from '../../src/core/analyze/trace/address.ts';
import type { TraceOutcome } from '../../src/core/analyze/trace/outcomes.ts';
import { PROTOCOL, type TracePacket } from '../../src/core/analyze/trace/packet.ts';
import { addShares, NONE, type Share } from '../../src/core/analyze/trace/share.ts';
import type { Trace } from '../../src/core/analyze/trace/trace.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import type { Ruleset } from '../../src/core/ruleset/ruleset.ts';

export function addressIn(text: string): KnownAddress {
  const address = readAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
}

/** A SYN from 10.244.1.7 to port 80 of 10.96.0.1, unless something else is said. */
export function packetOf(
  given: Partial<TracePacket> & { readonly from?: string; readonly to?: string } = {},
): TracePacket {
  const { from = '10.244.1.7', to = '10.96.0.1', ...others } = given;
  return {
    origin: 'network',
    source: addressIn(from),
    destination: addressIn(to),
    protocol: PROTOCOL.tcp,
    destinationPort: 80,
    ...others,
  };
}

/** Tables by name, lines as in a dump; chains need no declaration but for their policy. */
export function rulesOf(
  tables: Readonly<Record<string, readonly string[]>>,
  family: 'ipv4' | 'ipv6' = 'ipv4',
): Ruleset {
  const text = Object.entries(tables)
    .map(([table, lines]) => `*${table}\n${lines.map((line) => `${line}\n`).join('')}COMMIT\n`)
    .join('');
  return parseIptablesSave(text, { family }).ruleset;
}

/** `forwarded 10.0.0.1:80`, `delivered 192.168.0.10:22`, `rejected tcp-reset`, `dropped`, and ` masqueraded` or ` as SOURCE` behind it. */
export function endText({ fate, sourceNat }: TraceOutcome): string {
  const nat =
    sourceNat === undefined
      ? ''
      : sourceNat.kind === 'masquerade'
        ? ' masqueraded'
        : ` as ${endpointText(sourceNat.address, undefined)}`;
  if ('address' in fate) return `${fate.kind} ${endpointText(fate.address, fate.port)}${nat}`;
  return fate.kind === 'rejected' ? `rejected ${fate.with}` : fate.kind;
}

/** Ends with their shares, added up; only for traces without open questions. */
export function endShares(
  { outcomes }: Trace,
  textOf: (outcome: TraceOutcome) => string = endText,
): ReadonlyMap<string, Share> {
  const shares = new Map<string, Share>();
  for (const outcome of outcomes) {
    for (const { conditions, share } of outcome.weight) {
      if (conditions.length > 0 || share === undefined) throw new Error('an outcome under conditions');
      const key = textOf(outcome);
      shares.set(key, addShares(shares.get(key) ?? NONE, share));
    }
  }
  return shares;
}
