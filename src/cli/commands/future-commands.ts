import { UsageError } from '../usage-error.ts';

/** Commands that people may look for, and what can be done instead of each. */
const INSTEAD: { readonly [command: string]: string } = {
  run: 'chainsmith does not follow a cluster yet: kube-proxy goes on doing that, or chainsmith apply from a timer',
};

export function isFutureCommand(word: string): boolean {
  return Object.hasOwn(INSTEAD, word);
}

export function futureCommandError(command: string): UsageError {
  return new UsageError(`the command ${command} is not there yet`, INSTEAD[command]);
}
