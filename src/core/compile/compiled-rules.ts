// STUB of the command line's branch: replaced on merge by the compiler's own file.
import type { IpFamily } from '../model/ip.ts';

export interface CompiledChain {
  readonly table: 'mangle' | 'filter' | 'nat';
  readonly name: string;
  readonly policy: 'ACCEPT' | '-';
  /** Lines, each ending in `\n`. */
  readonly rules: string;
  readonly purpose: string;
  readonly service?: string;
}

export interface CompiledRules {
  readonly family: IpFamily;
  readonly chains: readonly CompiledChain[];
}
