import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import { ipFamilies } from '../../core/model/ip.ts';
import type { Ruleset } from '../../core/ruleset/ruleset.ts';
import { readRulesets, type ReadRuleset } from '../../host/sources/read-dump.ts';
import { familyName } from '../output/plan-counts.ts';
import { UsageError } from '../usage-error.ts';

export interface TypedDumps {
  /** At most one of each family, IPv4 first. */
  readonly rulesets: readonly Ruleset[];
  /** The file of each. */
  readonly files: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The dumps of a command's arguments; standard input if there are none, and it is no terminal. */
export async function typedDumps(command: string, paths: readonly string[]): Promise<TypedDumps> {
  if (paths.length === 0 && process.stdin.isTTY) {
    throw new UsageError(
      `${command} needs the rules of a node`,
      `Pipe them in, (sudo iptables-save; sudo ip6tables-save) | chainsmith ${command} ..., or name a file that holds them`,
    );
  }
  const names = paths.length === 0 ? ['-'] : paths;
  const read = (await Promise.all(names.map(async (path) => await readRulesets(path)))).flat();
  const found = ipFamilies.flatMap((family): readonly ReadRuleset[] => {
    const same = read.filter(({ ruleset }) => ruleset.family === family);
    const [first, second] = same;
    if (first !== undefined && second !== undefined) {
      const files = `${first.file} and ${second.file}`;
      throw new UsageError(`${files} are both dumps of ${familyName(family)}; there can be one of each family`);
    }
    return same;
  });
  return {
    rulesets: found.map(({ ruleset }) => ruleset),
    files: found.map(({ file }) => file),
    diagnostics: read.flatMap(({ diagnostics }) => diagnostics),
  };
}
