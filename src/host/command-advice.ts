import type { CommandFailed } from './exec.ts';

/** For a message that says, in the words of the C library or of iptables, that only root may do this. */
export function deniedAdvice(text: string): string | undefined {
  return /permission denied|must be root|operation not permitted/i.test(text) ? 'run chainsmith as root' : undefined;
}

/** What to do about a program that failed; undefined if its own words must do. */
export function commandAdvice(failure: CommandFailed): string | undefined {
  const missing = missingCommand(failure);
  if (missing !== undefined && IPVS_TOOLS.has(missing)) return `install ${missing}, or use --executor netlink`;
  if (missing !== undefined) return installAdvice(missing);
  if (failure.stderr.includes('xtables lock')) return 'wait longer with --lock-timeout SECONDS';
  if (failure.timedOut) return isNftRestore(failure) ? OVERTAKEN : 'give it more time with --command-timeout SECONDS';
  return deniedAdvice(failure.stderr);
}

/** Where a program is not there. */
export function installAdvice(command: string): string {
  return `install what ${command} is part of${packageOf(command)}`;
}

/** Seen with iptables 1.8.9: beside a loop of iptables-nft -A a load of 5000 Services did not end; a small one did. */
const OVERTAKEN =
  'iptables-nft-restore begins again whenever another program has written rules: stop what writes without a pause, or give it more time with --command-timeout SECONDS';

function isNftRestore({ command, args }: CommandFailed): boolean {
  return [command, ...args].some((word) => /^ip6?tables-nft-restore$/.test(word));
}

/** Inside of a namespace it is nsenter(1) that does not find it: `nsenter: failed to execute NAME: No such file or directory`, status 127. */
function missingCommand({ command, notFound, exitCode, stderr }: CommandFailed): string | undefined {
  if (notFound) return command;
  return exitCode === 127 ? /failed to execute (\S+):/.exec(stderr)?.[1] : undefined;
}

/** Of packages of their own names; netlink needs none of them. */
const IPVS_TOOLS: ReadonlySet<string> = new Set(['ipvsadm', 'ipset']);

/** The package that has the program, by Debian's name. */
function packageOf(command: string): string {
  if (/^ip6?tables/.test(command)) return ': iptables 1.8 or newer';
  if (command === 'conntrack') return ': conntrack-tools (conntrack in Debian)';
  return /^(?:nsenter|flock)$/.test(command) ? ': util-linux' : '';
}
