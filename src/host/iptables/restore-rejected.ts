import type { IpFamily } from '../../core/model/ip.ts';
import { commandAdvice } from '../command-advice.ts';
import type { CommandFailed } from '../exec.ts';
import { HostError } from '../host-error.ts';

/** Lines shown on either side of the one that a restore tool names. */
const AROUND = 3;

/** iptables-restore did not take what it was given. `details` are the lines it means, with numbers. */
export class RestoreRejected extends HostError {
  override readonly name = 'RestoreRejected';
  readonly family: IpFamily;
  /** 1-based line of the payload; undefined if the tool named none. */
  readonly line: number | undefined;

  constructor(failure: CommandFailed, family: IpFamily, payload: readonly string[]) {
    const line = lineIn(failure.stderr);
    super(messageOfFailure(failure), {
      details: line === undefined ? [] : excerpt(payload, line),
      advice: commandAdvice(failure),
      cause: failure,
    });
    this.family = family;
    this.line = line;
  }
}

function messageOfFailure(failure: CommandFailed): string {
  const words = failure.stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('Try `') && !line.startsWith('Another app is currently holding'));
  if (isLocked(failure)) return `${toolOf(failure)}: another program holds the xtables lock`;
  return words.length === 0 ? failure.message : `${toolOf(failure)}: ${words.join('; ')}`;
}

function isLocked({ stderr }: CommandFailed): boolean {
  return stderr.includes('xtables lock');
}

function toolOf(failure: CommandFailed): string {
  return [failure.command, ...failure.args].find((word) => word.includes('tables-')) ?? failure.command;
}

/** `iptables-restore: line 5 failed`, `Error occurred at line: 5`, `iptables-nft-restore v1.8.9 (nf_tables): \nline 5: RULE_APPEND failed ...`. */
function lineIn(stderr: string): number | undefined {
  const found = /\bline:? (\d+)/.exec(stderr)?.[1];
  return found === undefined ? undefined : Number(found);
}

function excerpt(payload: readonly string[], line: number): readonly string[] {
  const lines = payload.join('').split('\n');
  const first = Math.max(1, line - AROUND);
  const last = Math.min(lines.length, line + AROUND);
  const width = String(last).length;
  return lines
    .slice(first - 1, last)
    .map((text, i) => `${first + i === line ? '>' : ' '} ${String(first + i).padStart(width)} ${text}`);
}
