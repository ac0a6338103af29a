import type { ChainProgram } from './chain-program.ts';
import type { Diagram } from './node-table.ts';
import type { Ended, Entry, PacketState } from './packet-state.ts';

/** Packets that went through a chain of nat from its beginning, whoever sent them there. */
export interface Block {
  readonly falls: readonly Entry[];
  readonly ended: readonly Ended[];
  /** The packets that really did. */
  used: Diagram;
}

/** Blocks by chain, for one state and one class of destinations. */
export class Blocks {
  readonly all: Diagram;
  readonly state: PacketState;
  readonly byChain: Map<ChainProgram, Block> = new Map();

  /** @param all every packet of the class @param state as it comes */
  constructor(all: Diagram, state: PacketState) {
    this.all = all;
    this.state = state;
  }
}
