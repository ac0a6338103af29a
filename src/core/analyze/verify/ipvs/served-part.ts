import { connectionPort } from '../../../ruleset/connection-port.ts';
import { ipvsEndpointText, type RealServer, type VirtualServer } from '../../../ruleset/virtual-server.ts';
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
  const textOf = (real: RealServer): string => ipvsEndpointText(real.ip, connectionPort(server, real, port));
  const own = open.find((real) => translation.split(' ')[0] === textOf(real));
  const whole = open.reduce((sum, { weight }) => sum + weightOf(weight), 0);
  return own === undefined ? undefined : { part: weightOf(own.weight), whole };
}
