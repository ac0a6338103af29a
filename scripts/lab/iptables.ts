import type { CommandRunner } from '../../src/host/exec.ts';
import type { Family } from './addresses.ts';

/** Debian has both; they keep separate rules, so one namespace should see only one of them. */
export type Variant = 'nft' | 'legacy';

/** As in `iptables-nft-restore`. */
function tool(family: Family, variant: Variant, verb: 'restore' | 'save'): string {
  return `${family === 'ipv4' ? 'iptables' : 'ip6tables'}-${variant}-${verb}`;
}

/** Replaces the tables that the text holds, in one transaction each. Waits for others who hold the lock that legacy takes. */
export async function restoreRules(
  runner: CommandRunner,
  family: Family,
  variant: Variant,
  text: string,
): Promise<void> {
  await runner.run(tool(family, variant, 'restore'), ['-w', '20'], { input: text, timeoutMs: 60_000 });
}

export async function saveRules(runner: CommandRunner, family: Family, variant: Variant): Promise<string> {
  const { stdout } = await runner.run(tool(family, variant, 'save'), [], { timeoutMs: 60_000 });
  return stdout;
}
