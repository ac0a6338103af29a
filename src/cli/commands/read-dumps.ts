import { diagnose, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { ipFamilies, type IpFamily } from '../../core/model/ip.ts';
import { openQuotes, type OpenQuote } from '../../core/parse/iptables-save/open-quotes.ts';
import type { Observation } from '../../host/iptables/observe.ts';
import type { Variant } from '../../host/iptables/tools.ts';
import { readDump, type ReadDump } from '../../host/sources/read-dump.ts';
import { UsageError } from '../usage-error.ts';

export interface Dumps {
  readonly observed: readonly Observation[];
  /** nft where no dump says. */
  readonly variant: Variant;
  readonly diagnostics: readonly Diagnostic[];
  /** What is not compared, as lines for people. */
  readonly note: string;
}

/** Dumps in place of a node: one per family. */
export async function readDumps(paths: readonly string[]): Promise<Dumps> {
  const dumps: ReadDump[] = [];
  for (const dump of (await Promise.all(paths.map(async (path) => await readDump(path)))).flat()) {
    const other = dumps.find(({ family }) => family === dump.family);
    if (other !== undefined) {
      const names = `${other.file} and ${dump.file}`;
      throw new UsageError(`${names} are both dumps of ${familyName(dump.family)}; there can be one of each family`);
    }
    dumps.push(dump);
  }
  return {
    observed: dumps.map(({ family, saved }) => ({ family, saved })),
    variant: dumps.find(({ variant }) => variant !== undefined)?.variant ?? 'nft',
    diagnostics: dumps.flatMap((dump) => [
      ...dump.diagnostics,
      ...openQuotes(dump.saved).map((open) => quoteFault(dump, open)),
    ]),
    note: [...dumps.flatMap(missingTables), ...missingFamilies(dumps)].map((line) => `note: ${line}\n`).join(''),
  };
}

/** What stands behind it may be no rules at all. */
function quoteFault({ file }: ReadDump, { table, chain, rule }: OpenQuote): Diagnostic {
  return diagnose('rule-syntax', {
    message: `a rule of ${table}/${chain} has a quote that is not closed: ${rule}`,
    location: { file },
    hint: 'a line break in its comment looks like this',
  });
}

function familyName(family: IpFamily): string {
  return family === 'ipv4' ? 'IPv4' : 'IPv6';
}

/** iptables-save leaves tables out that nobody has used, and a person leaves out what seems to be of no interest. */
function missingTables({ file, saved }: ReadDump): readonly string[] {
  const missing = ['filter', 'nat'].filter((table) => saved.tables.every(({ name }) => name !== table));
  return missing.map((table) => `${file} has no table ${table}; it is taken for empty`);
}

function missingFamilies(dumps: readonly ReadDump[]): readonly string[] {
  const missing = ipFamilies.filter((family) => dumps.every((dump) => dump.family !== family));
  return missing.map((family) => `there is no dump of ${familyName(family)}; it is not compared`);
}
