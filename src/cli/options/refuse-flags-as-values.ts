import type { Command } from 'commander';
import { UsageError } from '../usage-error.ts';

/**
 * In `--node $NODE --explain` an unset variable leaves nothing behind, and the next option would become the value. No value begins
 * with two dashes or is an option by itself; a file with such a name is ./--name.
 */
export function refuseFlagsAsValues(program: Command, args: readonly string[]): void {
  const command = args.map((word) => program.commands.find((c) => c.name() === word)).find((c) => c !== undefined);
  const options = [...program.options, ...(command?.options ?? [])];
  const shorts = new Set(['-h', ...options.map((option) => option.short)]);
  for (const [i, word] of args.entries()) {
    if (word === '--') return;
    const option = options.find(({ short, long }) => word === short || word === long);
    const next = args[i + 1];
    if (option?.required !== true || next === undefined) continue;
    if (next.startsWith('--') || shorts.has(next)) {
      throw new UsageError(`option ${word} needs a value, and the next word is ${next}; is a shell variable unset?`);
    }
  }
}
