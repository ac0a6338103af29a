/**
 * Judges golden cases and re-blesses them. A case is a folder; adding one needs no code. Each is judged four ways: the text is the
 * expected one, packets flow as flows.yaml says, the chains hang together, and nothing outside of kube-proxy's chains is there.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GoldenCase } from '../support/golden-case.ts';
import { unifiedDiff } from '../support/golden-diff.ts';
import { judgeFlow } from '../support/golden-flows.ts';
import { PRODUCED, type GoldenOutput } from '../support/golden-output.ts';
import { foreignFaults, structureFaults } from '../support/golden-structure.ts';

/** Written by people; the runner never touches them. */
export const WRITTEN_BY_HAND: readonly string[] = ['input.yaml', 'case.yaml', 'config.yaml', 'flows.yaml'];

/** Compares the files of a case with what is produced, both ways: neither may have one that the other lacks. */
export function judgeText(folder: string, files: ReadonlyMap<string, string>, byHand: readonly string[]): string[] {
  const present = readdirSync(folder).filter((name) => !byHand.includes(name));
  const stray = present.filter((name) => !files.has(name)).map((name) => `${name} is there, and nothing produces it`);
  const different = [...files].flatMap(([name, actual]) => {
    if (!present.includes(name)) return [`${name} is missing; npm run golden:update writes it:\n${actual}`];
    return unifiedDiff(readFileSync(join(folder, name), 'utf8'), actual, name) ?? [];
  });
  return [...stray, ...different];
}

export function judgeFlows({ flows, node }: GoldenCase, { rules }: GoldenOutput): string[] {
  return flows.flatMap((flow) => {
    const text = flow.to.includes(':') ? rules.ipv6 : rules.ipv4;
    if (text === undefined) return [`flow "${flow.name}": there are no rules of its family`];
    return judgeFlow(flow, text, node) ?? [];
  });
}

export function judgeStructure({ rules }: GoldenOutput): string[] {
  return Object.values(rules).flatMap((text) => [...structureFaults(text)]);
}

export function judgeContent({ rules }: GoldenOutput): string[] {
  return Object.values(rules).flatMap((text) => [...foreignFaults(text)]);
}

/** Keeps what was produced where `diff -r` finds it; `golden/.actual` is not committed. */
export function keepActual(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [name, text] of files) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Rewrites produced files only, and removes those that nothing produces any more. Returns the names of those that changed. */
export function rewriteExpected(
  folder: string,
  files: ReadonlyMap<string, string>,
  produced: readonly string[] = PRODUCED,
): readonly string[] {
  return produced.filter((name) => {
    const path = join(folder, name);
    const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    const after = files.get(name);
    if (before === after) return false;
    if (after === undefined) rmSync(path);
    else writeFileSync(path, after);
    return true;
  });
}
