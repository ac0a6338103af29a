import { schedulerFlagName, schedulerFlagNumber } from '../../ruleset/scheduler-flags.ts';
import type { Read } from './read-parts.ts';

/** `mh-fallback,mh-port` by the names that they have with the scheduler, in their order. */
export function readSchedulerFlags(scheduler: string, text: string | undefined): Read<readonly string[]> {
  const names = text === undefined || text === '' ? [] : text.split(',');
  const numbers = new Set<1 | 2 | 3>();
  for (const name of names) {
    const number = schedulerFlagNumber(name);
    if (number === undefined) return { problem: `${JSON.stringify(name)} is no flag of a scheduler` };
    numbers.add(number);
  }
  return { value: [...numbers].sort((a, b) => a - b).map((number) => schedulerFlagName(scheduler, number)) };
}
