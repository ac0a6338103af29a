import { UsageError } from '../usage-error.ts';

const NOTHING_CHANGES = 'chainsmith changes nothing on a machine yet';
const TWO_SETS = 'Until then, compile before and after with --out, and compare: diff -r before after';

/** Commands that people may look for, and what can be done instead of each. */
const INSTEAD: { readonly [command: string]: string } = {
  run: `${NOTHING_CHANGES}; kube-proxy goes on doing that`,
  decode: 'Until then, chainsmith compile --explain says before each chain what it does',
  verify: 'Until then, compile a snapshot of the cluster, and compare with what iptables-save prints on the node',
  lint: 'Until then, chainsmith compile -f FILE > /dev/null prints what is wrong with manifests; its exit status is 1 for errors',
  diff: TWO_SETS,
  test: 'Until then, keep the compiled rules in git, and let CI compile again and compare, as the README shows',
};

export function isFutureCommand(word: string): boolean {
  return Object.hasOwn(INSTEAD, word);
}

export function futureCommandError(command: string): UsageError {
  return new UsageError(`the command ${command} is not there yet`, INSTEAD[command]);
}
