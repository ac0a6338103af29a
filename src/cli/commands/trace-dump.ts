import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { ipFamilies, type IpFamily } from '../../core/model/ip.ts';
import { lazyRules } from '../../core/parse/iptables-save/lazy-rules.ts';
import type { RuleSource } from '../../core/ruleset/rule-source.ts';
import { observe } from '../../host/iptables/observe.ts';
import { readDump } from '../../host/sources/read-dump.ts';
import type { SourceIo } from '../../host/sources/source-io.ts';
import { UsageError } from '../usage-error.ts';
import { openNode } from './open-node.ts';

/** Rules of one family each. */
export interface TracedRules {
  /** None if nothing could be read, of which the diagnostics say why: not even that there are no rules is known. */
  readonly sources: readonly RuleSource[];
  /** Where they are from, for messages. */
  readonly name: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** The dumps that are named, standard input, or this node if it is nobody's turn to type. */
export async function readTracedRules(paths: readonly string[], io: SourceIo): Promise<TracedRules> {
  if (paths.length > 0) return await fromFiles(paths, io);
  if (!process.stdin.isTTY) return await fromFiles(['-'], io);
  if (process.getuid?.() === 0) return await fromNode();
  throw new UsageError(
    'there is no dump to read',
    'Name one (chainsmith trace dump.txt ...), or pipe it in: sudo iptables-save | chainsmith trace ...; as root without either, the rules of this node are read',
  );
}

async function fromFiles(paths: readonly string[], io: SourceIo): Promise<TracedRules> {
  const dumps = (await Promise.all(paths.map(async (path) => await readDump(path, io)))).flat();
  const readable = dumps.filter(({ saved, diagnostics }) => saved.tables.length > 0 || !hasErrors(diagnostics));
  for (const family of ipFamilies) {
    const [first, second] = readable.filter((dump) => dump.family === family);
    if (first === undefined || second === undefined) continue;
    const names = `${first.file} and ${second.file}`;
    throw new UsageError(`${names} are both dumps of ${familyName(family)}; there can be one of each family`);
  }
  return {
    sources: readable.map(({ saved, family }) => lazyRules(saved, family)),
    name: [...new Set(dumps.map(({ file }) => file))].join(' and '),
    diagnostics: dumps.flatMap(({ diagnostics }) => diagnostics),
  };
}

async function fromNode(): Promise<TracedRules> {
  const node = await openNode({ variant: 'auto', lockTimeout: 30, commandTimeout: 300 }, ipFamilies);
  try {
    const sources: RuleSource[] = [];
    for (const family of node.families) {
      const saved = await observe(node.runner, node.variant, family, { timeoutMs: node.timeoutMs });
      sources.push(lazyRules(saved, family));
    }
    return { sources, name: 'this node', diagnostics: [] };
  } finally {
    await node.namespace.close();
  }
}

export function familyName(family: IpFamily): string {
  return family === 'ipv4' ? 'IPv4' : 'IPv6';
}
