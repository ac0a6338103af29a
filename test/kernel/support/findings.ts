// What a client's outcomes say about the rules: who was reached, and as whom.
import { GATEWAY, NODE_ETH1, type Family } from '../../../scripts/lab/addresses.ts';
import type { Outcome } from '../../../scripts/lab/probe.ts';

/** The servers that answered, sorted. */
export function reached(outcomes: readonly Outcome[]): string[] {
  return [...new Set(outcomes.flatMap((outcome) => (outcome.kind === 'answered' ? [outcome.server] : [])))].sort();
}

/** The kinds of outcome that occurred, sorted. */
export function kinds(outcomes: readonly Outcome[]): string[] {
  return [...new Set(outcomes.map((outcome) => outcome.kind))].sort();
}

/** How many connections each of the servers answered, in the order of the names. */
export function countByServer(outcomes: readonly Outcome[], servers: readonly string[]): number[] {
  return servers.map(
    (server) => outcomes.filter((outcome) => outcome.kind === 'answered' && outcome.server === server).length,
  );
}

/**
 * Whether the answered connections were masqueraded: then the servers saw the node's address on the link to them. `source` is
 * the address that they see otherwise. Anything else, or some this and some that, is thrown.
 */
export function masqueraded(outcomes: readonly Outcome[], family: Family, source: string): boolean {
  const masks: readonly string[] = [GATEWAY[family], NODE_ETH1[family]];
  const seen = [...new Set(outcomes.flatMap((outcome) => (outcome.kind === 'answered' ? [outcome.client] : [])))];
  if (seen.length > 0 && seen.every((client) => client === source)) return false;
  if (seen.length > 0 && seen.every((client) => masks.includes(client))) return true;
  throw new Error(`the servers saw ${seen.join(', ') || 'nobody'}; expected ${source}, or ${masks.join(' or ')}`);
}

/** The longest that any connection took. */
export function slowest(outcomes: readonly Outcome[]): number {
  return Math.max(...outcomes.map((outcome) => outcome.ms));
}
