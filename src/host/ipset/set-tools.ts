import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import { parseIpsetSave } from '../../core/parse/ipset-save/parse-ipset-save.ts';
import { isKubeProxySet } from '../../core/plan/cleanup/kube-sets.ts';
import type { ObservedSet } from '../../core/plan/ipvs/ipvs-state.ts';
import type { IpSet, IpSetEntry } from '../../core/ruleset/ip-set.ts';
import { elementText, setNameText } from '../../core/ruleset/print-ip-set.ts';
import { destroyIpSet, listIpSets, type ToolOptions } from '../cleanup/ip-sets.ts';
import { untilFree } from '../cleanup/until-free.ts';
import { CommandFailed, type CommandRunner } from '../exec.ts';
import { HostError } from '../host-error.ts';
import { SPARE_SET } from './netlink-sets.ts';
import { newSetWords } from './set-header.ts';

/** kube-proxy's, with their members. What one command says of them has to be what another says: a listing may be cut off, and look like less. */
export async function observeSetsByTool(runner: CommandRunner, options: ToolOptions): Promise<readonly ObservedSet[]> {
  const listed = (await listIpSets(runner, options)).filter(({ name }) => isKubeProxySet(name));
  if (listed.length === 0) {
    const { stdout } = await runner.run('ipset', ['list', '-n'], options);
    const first = stdout.split('\n').find(isKubeProxySet);
    if (first !== undefined) throw new HostError(`ipset list -t does not list ${first}, which is there`);
    return [];
  }
  const { stdout } = await runner.run('ipset', ['save'], options);
  const { sets, diagnostics } = parseIpsetSave(stdout, { file: 'ipset save' });
  const own = [...sets.values()].filter(({ name }) => isKubeProxySet(name));
  const saved = new Map(own.map((set) => [set.name, set]));
  const names = new Set([...listed, ...own].map(({ name }) => name));
  const sizes = new Map(listed.map(({ name, size }) => [name, size ?? saved.get(name)?.entries.length]));
  const unlike = [...names].filter((name) => sizes.get(name) !== saved.get(name)?.entries.length);
  if (unlike.length > 0) throw disagreement(unlike, diagnostics);
  const references = new Map(listed.map((set) => [set.name, set.references]));
  return own.map((set) => ({ ...set, references: references.get(set.name) ?? 0 }));
}

function disagreement(names: readonly string[], diagnostics: readonly Diagnostic[]): HostError {
  const which = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ' ...' : ''}`;
  return new HostError(`ipset save and ipset list -t do not say the same of ${which}`, {
    details: diagnostics.slice(0, 5).map(({ message }) => message),
    advice: 'another program may be changing them: is kube-proxy still running?',
  });
}

export function createLines(set: IpSet): readonly string[] {
  const words = newSetWords(set.header).join(' ');
  return [`create ${setNameText(set.name)} ${set.type} ${words}`, ...memberLines('add', set, set.entries)];
}

export function memberLines(
  verb: 'add' | 'del',
  set: Pick<IpSet, 'name' | 'family'>,
  entries: readonly IpSetEntry[],
): readonly string[] {
  return entries.map((entry) => {
    const nomatch = entry.nomatch && verb === 'add' ? ' nomatch' : '';
    return `${verb} ${setNameText(set.name)} ${elementText(entry, set)}${nomatch}`;
  });
}

/** Members that are there already, or not there any more, are no failure. */
export async function restoreSets(
  runner: CommandRunner,
  lines: readonly string[],
  options: ToolOptions,
  exist = true,
): Promise<void> {
  const args = exist ? ['-exist', 'restore'] : ['restore'];
  const input = lines.map((line) => `${line}\n`).join('');
  try {
    await runner.run('ipset', args, { ...options, input, ownProcessGroup: true });
  } catch (error) {
    throw error instanceof CommandFailed ? namingLine(error, lines) : error;
  }
}

/** ipset says which line it was: `ipset v7.17: Error in line 3: Hash is full, cannot add more elements`. */
function namingLine(error: CommandFailed, lines: readonly string[]): Error {
  const number = Number(/Error in line (\d+)/.exec(error.stderr)?.[1] ?? 0);
  const line = lines[number - 1];
  if (line === undefined) return error;
  return new HostError(`ipset ${line}: ${error.stderr.replace(/^.*Error in line \d+: /s, '').trim()}`, {
    cause: error,
  });
}

/** A set of the same type is exchanged at one stroke; one of another type must be in nobody's use. */
export async function replaceSetByTool(runner: CommandRunner, set: IpSet, options: ToolOptions): Promise<void> {
  const there = (await observeSetsByTool(runner, options)).find(({ name }) => name === set.name);
  await destroyIpSet(runner, SPARE_SET, options);
  if (there?.type !== set.type || there.family !== set.family) {
    await destroyFreeSetByTool(runner, set.name, options);
    await restoreSets(runner, createLines(set), options, false);
    return;
  }
  const lines = [...createLines({ ...set, name: SPARE_SET }), `swap ${SPARE_SET} ${set.name}`, `destroy ${SPARE_SET}`];
  await restoreSets(runner, lines, options, false);
}

/** By one process; where the kernel has not let go of all of them yet, one by one. */
export async function destroySetsByTool(
  runner: CommandRunner,
  names: readonly string[],
  options: ToolOptions,
): Promise<void> {
  try {
    const input = names.map((name) => `destroy ${setNameText(name)}\n`).join('');
    await runner.run('ipset', ['restore'], { ...options, input, ownProcessGroup: true });
  } catch (error) {
    if (!(error instanceof CommandFailed) || !/in use|does not exist/.test(error.stderr)) throw error;
    for (const name of names) await destroyFreeSetByTool(runner, name, options);
  }
}

/** Waits for the kernel to let go of rules that are gone. */
async function destroyFreeSetByTool(runner: CommandRunner, name: string, options: ToolOptions): Promise<void> {
  try {
    await untilFree(true)(async () => await destroyIpSet(runner, name, options));
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw new HostError(`the set ${name} cannot be destroyed: it is in use by a rule or another set`, { cause: error });
  }
}
