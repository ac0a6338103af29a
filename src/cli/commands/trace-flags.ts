import type { GlobalOptions } from '../options/global-options.ts';
import type { PacketFlags } from '../options/packet-options.ts';

/** The options of `trace` as commander stores them. */
export interface TraceFlags extends GlobalOptions, PacketFlags {
  readonly from: string;
  readonly to: string;
  readonly filename?: readonly string[];
  readonly snapshot?: readonly string[];
  readonly node?: string;
  readonly explain?: boolean;
  readonly output: 'text' | 'json';
}
