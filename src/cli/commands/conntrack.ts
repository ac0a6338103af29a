import { connectionTargets, servedFamilies } from '../../core/analyze/conntrack/connection-targets.ts';
import { findStale } from '../../core/analyze/conntrack/find-stale.ts';
import { PROTOCOL_NUMBER, type ConnectionProtocol } from '../../core/analyze/conntrack/tracked-connection.ts';
import { compiledModes, type FamilyMeaning } from '../../core/compile/read-meaning.ts';
import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { ipFamilies } from '../../core/model/ip.ts';
import type { ConntrackExecutor, DeleteOutcome } from '../../host/conntrack/conntrack-table.ts';
import { openConntrack } from '../../host/conntrack/open-conntrack.ts';
import { readStale, type StaleConnections } from '../../host/conntrack/read-stale.ts';
import { trackedConnections } from '../../host/conntrack/tracked-connections.ts';
import { hostRunner, withTimeout } from '../../host/exec.ts';
import { openNetworkNamespace } from '../../host/network-namespace.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { conntrackData } from '../output/conntrack-data.ts';
import { printConntrack, type ConntrackView } from '../output/print-conntrack.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { refuseBadNodeName } from './choose-host-node.ts';
import { readConntrack } from './lint-sources.ts';
import { meaningInput, type MeaningInput } from './meaning-input.ts';
import type { InputFlags } from './read-input.ts';
import { reportInput } from './show-plan.ts';

/** The options of `conntrack` as commander stores them. */
export interface ConntrackFlags extends GlobalOptions, InputFlags, RulesFlags {
  readonly delete?: boolean;
  readonly sctp?: boolean;
  readonly allowErrors?: boolean;
  readonly conntrack?: string;
  readonly netns?: string;
  readonly executor: ConntrackExecutor | 'auto';
  /** Seconds. */
  readonly commandTimeout: number;
  readonly output: 'text' | 'json';
}

const STALE = 2;

interface Found extends StaleConnections {
  readonly source: ConntrackExecutor | 'file';
  /** About the listing. */
  readonly diagnostics: readonly Diagnostic[];
  /** Undefined: nothing was to be deleted. */
  readonly outcome: DeleteOutcome | undefined;
}

/** Compares the kernel's connections, or a listing of them, with the Services, and deletes what is stale if it is told to. */
export async function runConntrack(flags: ConntrackFlags): Promise<number> {
  refuseContradictions(flags);
  const protocols: readonly ConnectionProtocol[] = flags.sctp === true ? ['UDP', 'SCTP'] : ['UDP'];
  const read = await meaningInput(flags, ipFamilies, { modes: compiledModes });
  const input = { ...read, diagnostics: read.diagnostics.filter(({ code }) => code !== 'no-local-detector') };
  const failed = hasErrors(input.diagnostics);
  if (input.families.length === 0) {
    await reportInput(input.diagnostics, input.note, flags);
    return 1;
  }
  const isToDelete = flags.delete === true && (!failed || flags.allowErrors === true);
  const found = await (flags.conntrack === undefined
    ? lookAtNode(input.families, protocols, { ...flags, delete: isToDelete })
    : lookAtFile(flags.conntrack, input.families, protocols, flags));
  const isServed = servedFamilies(input.families, protocols).length > 0;
  const view = { ...found, isServed, protocols, networkNamespace: flags.netns };
  if (!hasErrors(found.diagnostics)) await show(view, flags);
  await reportInput([...found.diagnostics, ...input.diagnostics], input.note, flags);
  if (flags.delete === true && !isToDelete) {
    await writeErr('nothing was deleted; --allow-errors deletes what is stale by the rest of the input\n');
  }
  return exitStatus(found, input);
}

function refuseContradictions({ node, filename, conntrack }: ConntrackFlags): void {
  refuseBadNodeName(node);
  if (conntrack === '-' && filename?.includes('-') === true) {
    throw new UsageError('standard input can be read once only; name a file for -f or for --conntrack');
  }
}

async function lookAtFile(
  path: string,
  families: readonly FamilyMeaning[],
  protocols: readonly ConnectionProtocol[],
  { quiet = false }: GlobalOptions,
): Promise<Found> {
  const { listing, diagnostics } = await readConntrack(path);
  if (listing?.entries.length === 0 && diagnostics.length === 0 && !quiet) {
    await writeErr(`note: ${path} lists no connection at all; conntrack -L prints them to root alone\n`);
  }
  const numbers = new Set(protocols.map((protocol) => PROTOCOL_NUMBER[protocol]));
  const entries = (listing?.entries ?? []).filter(({ protocol }) => numbers.has(protocol));
  const connections = trackedConnections(entries);
  const stale = findStale(connections, connectionTargets(families, protocols));
  return { source: 'file', tracked: connections.length, stale, diagnostics, outcome: undefined };
}

async function lookAtNode(
  families: readonly FamilyMeaning[],
  protocols: readonly ConnectionProtocol[],
  { netns, executor, commandTimeout, delete: isToDelete }: ConntrackFlags & { readonly delete: boolean },
): Promise<Found> {
  const namespace = await openNetworkNamespace(withTimeout(hostRunner, commandTimeout * 1000), netns);
  try {
    const { runner, path: namespacePath } = namespace;
    const table = await openConntrack({ namespacePath, runner, executor });
    try {
      const read = await readStale(table, families, protocols);
      const outcome = isToDelete ? await table.delete(read.stale) : undefined;
      return { ...read, source: table.executor, diagnostics: [], outcome };
    } finally {
      table.close();
    }
  } finally {
    await namespace.close();
  }
}

async function show(view: ConntrackView, flags: ConntrackFlags): Promise<void> {
  if (flags.output === 'json') {
    await writeOut(`${JSON.stringify(conntrackData(view), undefined, 2)}\n`);
    return;
  }
  const verbose = flags.verbose === true;
  const hint = view.source === 'file' || flags.delete === true ? '' : '--delete deletes them';
  await writeOut(printConntrack(view, { verbose, hint, paint: paint(wantsColor(flags.color, process.stdout)) }));
  for (const problem of view.outcome?.problems ?? []) await writeErr(`error: ${problem}\n`);
}

function exitStatus({ stale, outcome, diagnostics }: Found, input: MeaningInput): number {
  if (hasErrors([...diagnostics, ...input.diagnostics]) || (outcome?.problems.length ?? 0) > 0) return 1;
  return stale.length > 0 && outcome === undefined ? STALE : 0;
}
