import type { Command } from 'commander';
import { UsageError } from '../usage-error.ts';
import { RepeatableOption } from './repeatable-option.ts';

/** Of two values that do not add up one would be lost without a word. */
export function refuseRepeated(command: Command): void {
  for (const option of command.options) {
    const takesValue = option.required || option.optional;
    if (!takesValue || option.variadic || option instanceof RepeatableOption) continue;
    const given: string[] = [];
    command.on(`option:${option.name()}`, (value: unknown) => {
      // An optional value that is left out means true.
      given.push(typeof value === 'string' ? value : 'true');
      if (given.length === 1) return;
      const name = option.long ?? option.flags;
      const pair = option.long === '--cluster-cidr' ? `For dual stack give both at once: ${name} IPV4,IPV6` : undefined;
      throw new UsageError(`${name} was given twice: ${given.join(' and ')}`, pair);
    });
  }
}
