import { decode, type DecodeOptions } from '../../core/analyze/decode/decode.ts';
import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { readIpSets } from '../../host/sources/read-ipsets.ts';
import { readIpvs } from '../../host/sources/read-ipvs.ts';
import { nodeIo } from '../../host/sources/source-io.ts';
import { readRulesets, type ReadRuleset } from '../../host/sources/read-dump.ts';
import { printYaml } from '../../host/sources/print-yaml.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { decodeData } from '../output/decode-data.ts';
import { plainText } from '../output/plain-text.ts';
import { printDecode, type DecodeView } from '../output/print-decode.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { fitsFilter, hasName, isFilter, type DecodeFilter } from './decode-filter.ts';
import { reportInput } from './show-plan.ts';

export interface DecodeFlags extends GlobalOptions {
  readonly output: 'text' | 'wide' | 'json' | 'yaml';
  readonly namespace?: string;
  readonly ip?: string;
  readonly port?: number;
  readonly chain?: string;
  readonly ipvs?: string;
  readonly ipset?: string;
  readonly name?: readonly string[];
}

/** A terminal that says how wide it is gets no longer lines, as far as names allow; more than 120 are hard to read. */
const WIDTH = { least: 80, most: 120 } as const;

/** Reads dumps, says what they make of Services; the result is the exit status. */
export async function runDecode(
  flags: DecodeFlags,
  dump: string | undefined,
  more: readonly string[],
): Promise<number> {
  const { paths, names } = await dumpsAndNames(dump, more);
  refuseTwoStdins([...paths, flags.ipvs, flags.ipset]);
  const read = (await Promise.all(paths.map((path) => readRulesets(path)))).flat();
  const ipvs = flags.ipvs === undefined ? undefined : await readIpvs(flags.ipvs);
  const sets = flags.ipset === undefined ? undefined : await readIpSets(flags.ipset);
  const diagnostics = [...read, ipvs, sets].flatMap((one) => one?.diagnostics ?? []);
  const filter: DecodeFilter = {
    namespace: flags.namespace,
    names,
    ip: flags.ip,
    port: flags.port,
    chain: flags.chain,
  };
  const views = viewsOf(read, filter, { names: flags.name ?? [], ipvs: ipvs?.table, sets: sets?.sets });
  // What can be read is worth seeing, though a rule or two cannot.
  const unknown = names.filter(
    (name) => !views.some(({ rules }) => rules.servicePorts.some((port) => hasName(port, name))),
  );
  const isReadable = read.some(({ ruleset }) => ruleset.tables.length > 0) || !hasErrors(diagnostics);
  if (isReadable) refuseMissingFiles(unknown);
  const isData = flags.output === 'json' || flags.output === 'yaml';
  if (isData) await printData(isReadable ? views : [], diagnostics, flags);
  else if (isReadable) await print(views, isFilter(filter), flags);
  await reportInput(diagnostics, '', flags);
  if (isReadable) await tellIfNothing(views, isFilter(filter), flags);
  if (isReadable) await tellUnknown(unknown, flags);
  return hasErrors(diagnostics) ? 1 : 0;
}

/** The first word is a dump; others are if there is such a file, and names of Services if not. */
async function dumpsAndNames(
  dump: string | undefined,
  more: readonly string[],
): Promise<{ readonly paths: readonly string[]; readonly names: readonly string[] }> {
  if (dump === undefined && process.stdin.isTTY) {
    throw new UsageError(
      'there is nothing to decode: give a file with the output of iptables-save, or pipe it in',
      'sudo iptables-save | chainsmith decode',
    );
  }
  const paths = [dump ?? '-'];
  const names: string[] = [];
  for (const word of more) {
    const isFile = word === '-' || (await isThere(word));
    (isFile ? paths : names).push(word);
  }
  return { paths, names };
}

async function isThere(path: string): Promise<boolean> {
  return await nodeIo.stat(path).then(
    ({ kind }) => kind === 'file',
    () => false,
  );
}

/** Names of Services have no dots (RFC 1035), and one slash at most. */
function refuseMissingFiles(words: readonly string[]): void {
  const path = words.find((word) => /[./]/.test(word));
  if (path === undefined) return;
  throw new UsageError(
    `${plainText(path)}: there is no such file, and no Service is so named`,
    'Check the spelling; relative paths start at the current directory. Services are named web, shop/web or shop/web:http',
  );
}

async function tellUnknown(words: readonly string[], { quiet = false }: DecodeFlags): Promise<void> {
  if (quiet) return;
  for (const word of words) await writeErr(`${plainText(word)}: no Service is so named, and there is no such file\n`);
}

function refuseTwoStdins(paths: readonly (string | undefined)[]): void {
  if (paths.filter((path) => path === '-').length > 1) throw new UsageError('standard input can be read once');
}

function viewsOf(read: readonly ReadRuleset[], filter: DecodeFilter, options: DecodeOptions): readonly DecodeView[] {
  return read.map(({ file, ruleset }) => {
    const rules = decode(ruleset, options);
    const shown = isFilter(filter) ? rules.servicePorts.filter((port) => fitsFilter(port, filter)) : rules.servicePorts;
    return { file, rules, shown };
  });
}

/** One document, also where nothing could be read: it says why. */
async function printData(
  views: readonly DecodeView[],
  diagnostics: readonly Diagnostic[],
  { output }: DecodeFlags,
): Promise<void> {
  const families = views.map(({ file, rules, shown }) => ({ file, rules: { ...rules, servicePorts: shown } }));
  const json = JSON.stringify({ ...decodeData(families), diagnostics }, undefined, 2);
  await writeOut(output === 'json' ? `${json}\n` : printYaml(JSON.parse(json)));
}

async function print(views: readonly DecodeView[], filtered: boolean, flags: DecodeFlags): Promise<void> {
  const { output, verbose = false, color } = flags;
  const columns = process.stdout.isTTY ? process.stdout.columns : WIDTH.most;
  const width = Math.min(Math.max(columns, WIDTH.least), WIDTH.most);
  const style = paint(wantsColor(color, process.stdout));
  await writeOut(printDecode(views, { wide: output === 'wide', filtered, verbose, width, paint: style }));
}

async function tellIfNothing(
  views: readonly DecodeView[],
  filtered: boolean,
  { quiet = false }: DecodeFlags,
): Promise<void> {
  if (quiet || views.some(({ shown }) => shown.length > 0)) return;
  const all = views.reduce((sum, { rules }) => sum + rules.servicePorts.length, 0);
  const files = plainText([...new Set(views.map(({ file }) => file))].join(' and '));
  if (filtered) await writeErr(`none of the ${all} service ports of ${files} is asked for\n`);
  else await writeErr(`${files} has no rules of Services\n`);
}
