import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { printLocation } from '../../core/diag/source-location.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import { openQuotes } from '../../core/parse/iptables-save/open-quotes.ts';
import type { SplitSave } from '../../core/parse/iptables-save/save-reader.ts';
import type { SavedRules } from '../../core/ruleset/saved-rules.ts';
import { commandAdvice } from '../command-advice.ts';
import { CommandFailed, type CommandRunner } from '../exec.ts';
import { HostError } from '../host-error.ts';
import { DumpBytes } from './dump-bytes.ts';
import type { ExpectedDump } from './expected-dump.ts';
import { legacyTables } from './legacy-tables.ts';
import { toolsOf, type Variant } from './tools.ts';

/** One family of a node, as it was found. */
export interface Observation {
  readonly family: IpFamily;
  readonly saved: SavedRules;
}

export interface ObserveOptions {
  readonly timeoutMs: number;
  /** Only this table. Default: all that there are. */
  readonly table?: string | undefined;
  /** Nothing is taken for no rules: for questions that nothing hangs on. Default: only if something else says so too. */
  readonly believesBlank?: boolean;
  /** Fails where a rule has a line break in it: what stands behind that may be no rules. For those who conclude that nothing is to be done. */
  readonly refusesOpenQuotes?: boolean;
  /** What it most likely has: then it is read faster. */
  readonly expected?: ExpectedDump | undefined;
  /** Called for a table that iptables-nft-save leaves out, as it holds rules of nft that iptables has no words for. */
  readonly onHiddenTable?: ((table: string) => void) | undefined;
}

/** What the kernel has in one family, as iptables-save says it. */
export async function observe(
  runner: CommandRunner,
  variant: Variant,
  family: IpFamily,
  options: ObserveOptions,
): Promise<SavedRules> {
  const { save } = toolsOf(variant, family);
  const { saved, diagnostics, hiddenTables, isBlank } = await runSave(runner, save, options, options.table);
  for (const table of hiddenTables) options.onHiddenTable?.(table);
  // A namespace in which nobody has asked for a table yet has none.
  if (isBlank) {
    if (options.table === undefined && options.believesBlank !== true)
      await refuseHiddenTables(runner, variant, family, options);
    return { tables: [] };
  }
  // The reader is lenient with what people paste. A tool writes whole dumps; the one thing it leaves out, it says so.
  const faults = diagnostics.filter(({ code }) => code !== 'dump-incompatible-table');
  if (faults.length === 0) {
    if (options.refusesOpenQuotes === true) refuseOpenQuotes(save, saved);
    return saved;
  }
  throw new HostError(`${save} printed something that cannot be its rules; nothing was changed`, {
    details: faults.slice(0, 5).map(describeFault),
    advice: `run ${save} by hand and look at what it says; a line break in the comment of a rule looks like this too`,
  });
}

/** Lines behind such a rule would be taken for rules that are not there. */
function refuseOpenQuotes(save: string, saved: SavedRules): void {
  const open = openQuotes(saved);
  const [first] = open;
  if (first === undefined) return;
  const tool = save.replace(/-save$/, '');
  throw new HostError(
    `${save} printed a rule with a line break in it, which nobody can read back; nothing was changed`,
    {
      details: open.slice(0, 5).map(({ table, rule }) => `${table}: ${rule}`),
      advice:
        `take the rule away by its number, which ${tool} -t ${first.table} -L ${first.chain} --line-numbers shows, ` +
        'or give it a comment of one line',
    },
  );
}

function describeFault({ message, location }: Diagnostic): string {
  if (location === undefined) return message;
  const [line = ''] = location.excerpt?.split('\n') ?? [];
  return `${printLocation(location)}: ${message}${line === '' ? '' : `: ${line.replace(/^\d+ \| /, '')}`}`;
}

/**
 * Nothing is the one answer that a tool can give by mistake and that still looks right, and chains that seem to be absent would be emptied
 * by making them. So it is believed only if the kernel's own list of legacy tables, or iptables-nft-save when it is asked for one table,
 * says so too. Unlike iptables-legacy-save, that makes no table.
 */
async function refuseHiddenTables(
  runner: CommandRunner,
  variant: Variant,
  family: IpFamily,
  options: ObserveOptions,
): Promise<void> {
  const { save } = toolsOf(variant, family);
  if (variant === 'legacy') {
    const names = await legacyTables(runner, family);
    if (names === undefined) return;
    throw new HostError(`${save} printed nothing, but the kernel has the tables ${names}; nothing was changed`, {
      advice: 'run it again: another program may just have made the first rules',
    });
  }
  const nat = await runSave(runner, save, options, 'nat');
  if (nat.isBlank || isWithoutRules(nat)) return;
  throw new HostError(`${save} printed nothing, but the table nat is not empty; nothing was changed`);
}

/** Only chains of the kernel's own, and no rules. */
function isWithoutRules({ saved, diagnostics }: SplitSave): boolean {
  const chains = saved.tables.flatMap((table) => [...table.chains.values()]);
  return !hasErrors(diagnostics) && chains.every(({ policy, rules }) => policy !== '-' && rules === '');
}

/** Reads while the tool still prints: taking 16 MB apart costs a quarter of what printing them does. */
async function runSave(
  runner: CommandRunner,
  save: string,
  { timeoutMs, expected }: ObserveOptions,
  table: string | undefined,
): Promise<SplitSave> {
  const args = table === undefined ? [] : ['-t', table];
  const dump = new DumpBytes(save, expected);
  try {
    const { stdout } = await runner.run(save, args, { timeoutMs, onOutput: (bytes) => dump.add(bytes) });
    // Of a runner that does not hand it on as it comes.
    dump.add(Buffer.from(stdout));
    return dump.finish();
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new HostError(`the rules of this node cannot be read: ${error.message}`, {
      advice: commandAdvice(error),
      cause: error,
    });
  }
}
