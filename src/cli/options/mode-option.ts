import { Option } from 'commander';
import { UsageError } from '../usage-error.ts';

export interface ModeFlags {
  /** The short form of proxyMode. */
  readonly mode?: string;
  readonly proxyMode?: string;
}

export function modeOption(): Option {
  return new Option('--mode <mode>', 'the same as --proxy-mode').choices(['iptables', 'ipvs', 'nftables']);
}

/** The flags with one mode. */
export function withOneMode<T extends ModeFlags>(flags: T): T {
  const { mode, proxyMode } = flags;
  if (mode === undefined) return flags;
  if (proxyMode !== undefined && mode !== proxyMode) {
    throw new UsageError(`--mode ${mode} and --proxy-mode ${proxyMode} contradict each other`);
  }
  return { ...flags, proxyMode: mode };
}
