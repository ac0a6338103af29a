import type { IpFamily } from '../../core/model/ip.ts';
import type { CommandRunner } from '../exec.ts';
import { HostError } from '../host-error.ts';
import { legacyTables } from './legacy-tables.ts';
import { observe } from './observe.ts';
import { toolsOf, variants, type Variant } from './tools.ts';

export interface VariantOptions {
  readonly families: readonly IpFamily[];
  readonly timeoutMs: number;
  /** How somebody named the network namespace; undefined for the process's own. For messages. */
  readonly netns?: string | undefined;
  /**
   * Asks for all tables in one go: an answer costs least where none has KUBE chains. Default: one after the other until one has, so that a
   * large nat is not read for nothing.
   */
  readonly atOnce?: boolean;
}

/** Most nodes with KUBE chains have some in filter, which is small and read at once; a large cluster's nat takes a second or more. */
const TABLES = ['filter', 'nat', 'mangle'];

/** The variant that has KUBE chains already; where none has, the one that `iptables` stands for here. */
export async function chooseVariant(runner: CommandRunner, options: VariantOptions): Promise<Variant> {
  const used: Variant[] = [];
  for (const variant of variants) if (await hasKubeChains(runner, variant, options)) used.push(variant);
  if (used.length > 1) {
    const where = options.netns === undefined ? '' : ` --netns ${options.netns}`;
    throw new HostError(
      'this node has KUBE chains in both iptables-nft and iptables-legacy: every packet passes both',
      {
        advice: `remove one of them (chainsmith cleanup --variant legacy${where}), or say which to use: --variant nft`,
      },
    );
  }
  return used[0] ?? (await systemDefault(runner));
}

export async function hasKubeChains(
  runner: CommandRunner,
  variant: Variant,
  options: VariantOptions,
): Promise<boolean> {
  const found = options.families.map((family) => familyHasKubeChains(runner, variant, { ...options, family }));
  return (await Promise.all(found)).includes(true);
}

async function familyHasKubeChains(
  runner: CommandRunner,
  variant: Variant,
  { family, timeoutMs, atOnce = false }: Omit<VariantOptions, 'families'> & { readonly family: IpFamily },
): Promise<boolean> {
  if ((await runner.which(toolsOf(variant, family).save)) === undefined) return false;
  const asked = await tablesToAsk(runner, variant, family);
  const has = async (table: string | undefined): Promise<boolean> => {
    const { tables } = await observe(runner, variant, family, { timeoutMs, table, believesBlank: true });
    return tables.some(({ chains }) => [...chains.keys()].some((name) => name.startsWith('KUBE-')));
  };
  if (atOnce) return asked.length > 0 && (await has(undefined));
  for (const table of asked) if (await has(table)) return true;
  return false;
}

/** iptables-legacy makes a table that it is asked for; so only those that are there already. */
async function tablesToAsk(runner: CommandRunner, variant: Variant, family: IpFamily): Promise<readonly string[]> {
  if (variant === 'nft') return TABLES;
  const names = (await legacyTables(runner, family))?.split(/[\s,]+/) ?? [];
  return TABLES.filter((table) => names.includes(table));
}

/** Debian's alternatives and Red Hat's packages decide; `iptables --version` tells: `iptables v1.8.9 (nf_tables)`. */
async function systemDefault(runner: CommandRunner): Promise<Variant> {
  for (const variant of variants) {
    const other = variant === 'nft' ? 'legacy' : 'nft';
    if ((await runner.which(toolsOf(other, 'ipv4').restore)) === undefined) {
      if ((await runner.which(toolsOf(variant, 'ipv4').restore)) !== undefined) return variant;
    }
  }
  if ((await runner.which('iptables')) === undefined) return 'nft';
  const { stdout } = await runner.run('iptables', ['--version']);
  // Before 1.8 there was only legacy, and no word for it: `iptables v1.6.2`.
  if (!/^iptables v\d/.test(stdout)) throw new HostError('iptables --version does not say which iptables this is');
  return stdout.includes('nf_tables') ? 'nft' : 'legacy';
}
