import { parseIp } from '../../core/model/ip.ts';
import { CommandFailed, type CommandRunner } from '../exec.ts';
import { readProcFile } from '../proc-file.ts';
import type { ToolOptions } from './ip-sets.ts';

/** The link to which kube-proxy's ipvs mode binds the addresses of all Services. It always has this name. */
export const DUMMY_LINK = 'kube-ipvs0';

export interface DummyLink {
  /** Canonical texts, without lengths of prefixes. Empty if they cannot be read. */
  readonly addresses: readonly string[];
}

export async function findDummyLink(runner: CommandRunner, { timeoutMs }: ToolOptions): Promise<DummyLink | undefined> {
  const devices = (await readProcFile(runner, '/proc/net/dev')) ?? '';
  if (!devices.split('\n').some((line) => line.trimStart().startsWith(`${DUMMY_LINK}:`))) return undefined;
  if ((await runner.which('ip')) === undefined) return { addresses: [] };
  const { stdout } = await runner.run('ip', ['-o', 'address', 'show', 'dev', DUMMY_LINK], { timeoutMs });
  const addresses = [...stdout.matchAll(/ inet6? ([0-9a-f.:]+)/g)].map(([, text = '']) => parseIp(text)?.text ?? text);
  // The kernel gives every link that is up a link-local one, which is no Service's.
  return { addresses: addresses.filter((address) => !address.startsWith('fe80:')) };
}

/** With its addresses. A link that is gone already is no failure. */
export async function deleteDummyLink(runner: CommandRunner, { timeoutMs }: ToolOptions): Promise<void> {
  try {
    await runner.run('ip', ['link', 'delete', DUMMY_LINK], { timeoutMs, ownProcessGroup: true });
  } catch (error) {
    const isGone = error instanceof CommandFailed && /cannot find device|does not exist/i.test(error.stderr);
    if (!isGone) throw error;
  }
}
