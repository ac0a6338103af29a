import { CommandFailed, type CommandRunner } from '../exec.ts';
import type { ToolOptions } from './ip-sets.ts';

/** As nft names them: family and name. */
export type NftTable = 'ip kube-proxy' | 'ip6 kube-proxy';

/** All that kube-proxy's nftables mode writes is in these two. */
const TABLES: readonly NftTable[] = ['ip kube-proxy', 'ip6 kube-proxy'];

export async function findNftTables(runner: CommandRunner, { timeoutMs }: ToolOptions): Promise<readonly NftTable[]> {
  const { stdout } = await runner.run('nft', ['list', 'tables'], { timeoutMs });
  const present = stdout.split('\n');
  return TABLES.filter((table) => present.includes(`table ${table}`));
}

/** With everything in it. A table that is gone already is no failure. */
export async function deleteNftTable(
  runner: CommandRunner,
  table: NftTable,
  { timeoutMs }: ToolOptions,
): Promise<void> {
  try {
    await runner.run('nft', ['delete', 'table', ...table.split(' ')], { timeoutMs, ownProcessGroup: true });
  } catch (error) {
    const isGone = error instanceof CommandFailed && error.stderr.includes('No such file or directory');
    if (!isGone) throw error;
  }
}
