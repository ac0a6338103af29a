// What a client asks for and what it found out: the words that connect.ts (the client's program), the demo and the kernel tests
// have in common.
import { fileURLToPath } from 'node:url';
import type { Lab } from './lab.ts';

/** A number of connections, one after the other, to one address. */
export interface Probe {
  readonly protocol: 'tcp' | 'udp';
  readonly host: string;
  readonly port: number;
  readonly count: number;
  /** How long each waits for its answer. */
  readonly timeoutMs: number;
  /** Stops after so many connections without an answer: it will not get better. Default: goes on to the end. */
  readonly giveUpAfter?: number;
  /** Source addresses to connect from, in turn. Default: the kernel's choice. */
  readonly sources?: readonly string[];
}

export interface EchoAnswer {
  readonly server: string;
  /** The caller's address, as the server saw it. */
  readonly client: string;
}

export type Outcome =
  | { readonly kind: 'answered'; readonly server: string; readonly client: string; readonly ms: number }
  /** Somebody said no: a TCP reset or an ICMP unreachable. */
  | { readonly kind: 'refused'; readonly ms: number }
  /** Nobody said anything. */
  | { readonly kind: 'timeout'; readonly ms: number }
  | { readonly kind: 'failed'; readonly code: string; readonly ms: number };

const CLIENT = fileURLToPath(new URL('connect.js', import.meta.url));

/** Runs the probes on a host of the laboratory, in one process. Gives the outcomes of each, in order. */
export async function runProbes(lab: Lab, host: string, probes: readonly Probe[]): Promise<Outcome[][]> {
  const patience = probes.reduce((sum, probe) => sum + probe.count * probe.timeoutMs, 10_000);
  const options = { input: JSON.stringify(probes), timeoutMs: patience };
  const { stdout } = await lab.on(host).run(process.execPath, [CLIENT], options);
  const outcomes: Outcome[][] = JSON.parse(stdout);
  return outcomes;
}

export async function runProbe(lab: Lab, host: string, probe: Probe): Promise<Outcome[]> {
  const [outcomes = []] = await runProbes(lab, host, [probe]);
  return outcomes;
}
