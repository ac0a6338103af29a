import type { ConnectionState } from '../../core/analyze/trace/packet.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { RecentSetting } from '../options/recent-option.ts';

/** The options of `trace` as commander stores them. */
export interface TraceFlags extends GlobalOptions {
  readonly from: string;
  readonly to: string;
  readonly sport?: number;
  readonly mark?: number;
  readonly ctstate?: ConnectionState;
  readonly reply?: boolean;
  readonly recent?: readonly RecentSetting[];
  readonly ipset?: string;
  readonly localIp?: readonly string[];
  readonly inInterface?: string;
  readonly outInterface?: string;
  readonly filename?: readonly string[];
  readonly snapshot?: readonly string[];
  readonly node?: string;
  readonly explain?: boolean;
  readonly output: 'text' | 'json';
}
