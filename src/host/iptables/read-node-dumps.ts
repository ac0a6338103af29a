import type { IpFamily } from '../../core/model/ip.ts';
import { parseIptablesSave } from '../../core/parse/iptables-save/parse-iptables-save.ts';
import type { CommandRunner } from '../exec.ts';
import type { ReadRuleset } from '../sources/read-dump.ts';
import { legacyTables } from './legacy-tables.ts';
import { toolsOf, variants } from './tools.ts';

/**
 * What iptables-save prints for each variant and family that has rules here, named after the command. iptables-legacy makes the tables that
 * it is asked for, so it is asked only where the kernel has some.
 */
export async function readNodeDumps(
  runner: CommandRunner,
  families: readonly IpFamily[],
  timeoutMs: number,
): Promise<readonly ReadRuleset[]> {
  const dumps: ReadRuleset[] = [];
  for (const variant of variants) {
    for (const family of families) {
      const { save } = toolsOf(variant, family);
      if ((await runner.which(save)) === undefined) continue;
      if (variant === 'legacy' && (await legacyTables(runner, family)) === undefined) continue;
      const { stdout } = await runner.run(save, [], { timeoutMs });
      if (/^\*/m.test(stdout)) dumps.push({ file: save, ...parseIptablesSave(stdout, { file: save, family }) });
    }
  }
  return dumps;
}
