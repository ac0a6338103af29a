import type { ChainProgram } from './chain-program.ts';
import { stateKey } from './merge-entries.ts';
import type { Ended, Entry, PacketState } from './packet-state.ts';
import { sameState } from './packet-state.ts';

/** What a chain does with every packet that comes in one state. */
export interface Called {
  readonly state: PacketState;
  calls: number;
  result: CallResult | undefined;
}

export interface CallResult {
  readonly falls: readonly Entry[];
  readonly ended: readonly Ended[];
}

/**
 * The chains that were called while packets pass one hook. Chains that call others twice each, and those again others, are called 2^n
 * times, each time with other packets and the same to do: from the third call on it is worth doing for all packets at once.
 */
export class CalledChains {
  readonly #byChain = new Map<ChainProgram, Map<string, Called[]>>();

  /** Counts a call. */
  call(chain: ChainProgram, state: PacketState): Called {
    let byState = this.#byChain.get(chain);
    if (byState === undefined) this.#byChain.set(chain, (byState = new Map<string, Called[]>()));
    const key = stateKey(state);
    const alike = byState.get(key) ?? [];
    let called = alike.find((other) => sameState(other.state, state));
    if (called === undefined) {
      called = { state, calls: 0, result: undefined };
      byState.set(key, [...alike, called]);
    }
    called.calls += 1;
    return called;
  }
}
