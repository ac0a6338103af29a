import { setTimeout as sleep } from 'node:timers/promises';
import type { Draining } from '../../core/plan/ipvs/ipvs-steps.ts';
import { realServerKey, virtualServerKey } from '../../core/ruleset/virtual-server.ts';
import type { KubeIpvs, OpenConnections } from './kube-ipvs.ts';

export interface DrainOptions {
  /** How long to wait at most. */
  readonly seconds: number;
  /** Aborted (Ctrl-C): no more waiting. */
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((step: string) => void) | undefined;
}

/** What came of waiting for the connections of real servers that go. */
export interface DrainReport {
  /** Real servers that were waited for. */
  readonly servers: number;
  readonly waitedMs: number;
  /** Those that still had connections when the time was up. */
  readonly cut: readonly CutServer[];
}

export interface CutServer extends OpenConnections {
  /** `tcp 10.96.0.1:80` */
  readonly server: string;
  /** `10.244.0.7:8080` */
  readonly realServer: string;
}

/** Milliseconds between two looks: soon at first, as most have no connections. */
const FIRST_POLL = 20;
const LAST_POLL = 1000;

/** Waits until none of them has a connection, open or closing, or until the time is up. They have the weight 0 already. */
export async function drain(kube: KubeIpvs, of: readonly Draining[], options: DrainOptions): Promise<DrainReport> {
  const start = performance.now();
  const waited = (): number => performance.now() - start;
  for (let poll = FIRST_POLL; ; poll = Math.min(poll * 2, LAST_POLL)) {
    const cut = await busyServers(kube, of);
    const left = options.seconds * 1000 - waited();
    if (cut.length === 0 || left <= 0 || options.signal?.aborted === true) {
      return { servers: of.length, waitedMs: waited(), cut };
    }
    options.onStep?.(waitingFor(cut, left));
    await sleep(Math.min(poll, left), undefined, options.signal === undefined ? {} : { signal: options.signal }).catch(
      () => {},
    );
  }
}

async function busyServers(kube: KubeIpvs, of: readonly Draining[]): Promise<readonly CutServer[]> {
  const found = await kube.connections(of);
  return of.flatMap(({ address, ip, port }, i): readonly CutServer[] => {
    const { active, inactive } = found[i] ?? { active: 0, inactive: 0 };
    if (active + inactive === 0) return [];
    return [{ server: virtualServerKey({ address }), realServer: realServerKey({ ip, port }), active, inactive }];
  });
}

function waitingFor(busy: readonly CutServer[], leftMs: number): string {
  const connections = busy.reduce((sum, { active, inactive }) => sum + active + inactive, 0);
  const open = `${connections} connection${connections === 1 ? '' : 's'}`;
  const servers = `${busy.length} real server${busy.length === 1 ? '' : 's'}`;
  return `waiting for ${open} of ${servers} to end, at most ${Math.ceil(leftMs / 1000)} s`;
}
