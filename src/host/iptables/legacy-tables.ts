import type { IpFamily } from '../../core/model/ip.ts';
import { readProcFile } from '../proc-file.ts';
import type { CommandRunner } from '../exec.ts';

/** Where the kernel lists the legacy tables that exist. Asking iptables-legacy itself would make them. */
const LEGACY_TABLES: { readonly [F in IpFamily]: string } = {
  ipv4: '/proc/net/ip_tables_names',
  ipv6: '/proc/net/ip6_tables_names',
};

/** Their names, with blanks between; undefined if there are none. */
export async function legacyTables(runner: CommandRunner, family: IpFamily): Promise<string | undefined> {
  const text = (await readProcFile(runner, LEGACY_TABLES[family])) ?? '';
  const names = text.split('\n').filter((name) => name !== '');
  return names.length === 0 ? undefined : names.join(' ');
}
