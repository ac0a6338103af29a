import { connectionEndpoint } from '../../../ruleset/connection-port.ts';
import type { RealServer, VirtualServer } from '../../../ruleset/virtual-server.ts';
import type { Outcome } from '../outcome.ts';

/** Schedulers for which weights above 0 are alike (ip_vs_rr.c, ip_vs_lc.c, ip_vs_dh.c). */
const WEIGHTLESS: ReadonlySet<string> = new Set(['rr', 'lc', 'dh']);

export function isWeightless({ scheduler }: VirtualServer): boolean {
  return WEIGHTLESS.has(scheduler);
}

/** What the real server of an outcome gets of many connections; undefined where IPVS did not choose. */
export function servedPart({
  served,
  translation,
}: Pick<Outcome, 'served' | 'translation'>): { readonly part: number; readonly whole: number } | undefined {
  if (served === undefined || translation === undefined) return undefined;
  const { server, port } = served;
  const weightless = isWeightless(server);
  const open = server.realServers.filter(({ weight }) => weight > 0);
  const weightOf = (weight: number): number => (weightless ? 1 : weight);
  // For all ports, real servers that differ in their ports alone are one.
  const own = open.filter((real) => translation.split(' ')[0] === connectionEndpoint(server, real, port));
  const sum = (reals: readonly RealServer[]): number => reals.reduce((all, { weight }) => all + weightOf(weight), 0);
  return own.length === 0 ? undefined : { part: sum(own), whole: sum(open) };
}
