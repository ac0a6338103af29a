import { refusesAll } from '../../ruleset/connection-port.ts';
import type { RealServer, VirtualServer } from '../../ruleset/virtual-server.ts';

/** Which part of new connections a real server gets: `part` of `whole`. */
export interface ServerShare {
  readonly server: RealServer;
  readonly part: number;
  readonly whole: number;
}

/** How a scheduler treats weights. */
type Weighing =
  /** Nothing but whether it is 0. */
  | 'even'
  /** In proportion. */
  | 'weighted'
  /** All to the first of those with the greatest one. */
  | 'greatest';

const WEIGHING: ReadonlyMap<string, Weighing> = new Map([
  ['rr', 'even'],
  ['lc', 'even'],
  ['dh', 'even'],
  ['lblc', 'weighted'],
  ['lblcr', 'weighted'],
  ['wrr', 'weighted'],
  ['wlc', 'weighted'],
  ['sed', 'weighted'],
  ['nq', 'weighted'],
  ['sh', 'weighted'],
  ['mh', 'weighted'],
  ['twos', 'weighted'],
  ['fo', 'greatest'],
  ['ovf', 'greatest'],
]);

/**
 * What each real server gets of many new connections from many clients, as the scheduler is meant to share them out; those that get none
 * are left out. Empty: IPVS refuses what comes. A scheduler that nobody here knows is taken to go by weights.
 */
export function serverShares(virtual: VirtualServer): readonly ServerShare[] {
  const { scheduler, realServers } = virtual;
  const open = realServers.filter(({ weight }) => weight > 0);
  const [first] = open;
  if (first === undefined || refusesAll(virtual)) return [];
  switch (WEIGHING.get(scheduler) ?? 'weighted') {
    case 'even':
      return open.map((server) => ({ server, part: 1, whole: open.length }));
    case 'weighted': {
      const whole = open.reduce((sum, { weight }) => sum + weight, 0);
      return open.map((server) => ({ server, part: server.weight, whole }));
    }
    case 'greatest': {
      const server = open.reduce((best, one) => (one.weight > best.weight ? one : best), first);
      return [{ server, part: 1, whole: 1 }];
    }
  }
}
