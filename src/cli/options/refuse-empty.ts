import type { Command } from 'commander';
import { UsageError } from '../usage-error.ts';

/** No option has a use for an empty value; one comes from `--out "$DIR"` where DIR is not set. */
export function refuseEmptyValues(command: Command): void {
  for (const option of command.options) {
    if (!option.required && !option.optional) continue;
    command.on(`option:${option.name()}`, (value: unknown) => {
      if (typeof value !== 'string' || value.trim() !== '') return;
      throw new UsageError(`${option.short ?? option.long} was given an empty value; is a shell variable unset?`);
    });
  }
}
