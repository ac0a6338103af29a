import { ipvsEndpointText, type VirtualServer } from '../../../ruleset/virtual-server.ts';
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
  const weightless = isWeightless(served.server);
  const open = served.server.realServers.filter(({ weight }) => weight > 0);
  const weightOf = (weight: number): number => (weightless ? 1 : weight);
  const own = open.find(({ ip, port }) => translation.split(' ')[0] === ipvsEndpointText(ip, port));
  const whole = open.reduce((sum, { weight }) => sum + weightOf(weight), 0);
  return own === undefined ? undefined : { part: weightOf(own.weight), whole };
}
