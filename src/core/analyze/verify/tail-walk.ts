import type { ChainRunner } from './chain-runner.ts';
import { ServedTails } from './ipvs/served-tails.ts';
import { ORIGIN } from './levels.ts';
import { NEVER, type Diagram } from './node-table.ts';
import type { Ended, Entry, PacketState } from './packet-state.ts';
import type { PathParts } from './path-parts.ts';
import { LOCAL } from './place.ts';
import type { RunOptions } from './run-options.ts';
import { WHOLE } from './shares.ts';
import { BEFORE_NAT, FILTERS, tailsAt, within, type RunTables, type Tail } from './tail.ts';
import type { View } from './view.ts';

/** Broadcasts and multicasts that arrive are taken in as well. */
const NODE_TYPES = LOCAL | 4 | 8;

/** The way of packets behind the routing decision. */
export class TailWalk {
  readonly #parts: PathParts;
  readonly #runner: ChainRunner;
  readonly #options: RunOptions;
  readonly #served: ServedTails;

  constructor(parts: PathParts, runner: ChainRunner, options: RunOptions) {
    this.#parts = parts;
    this.#runner = runner;
    this.#options = options;
    this.#served = new ServedTails(parts, (view, leaving, run) => this.#byLo(view, leaving, run));
  }

  run(view: View, start: PacketState): readonly Tail[] {
    const { matcher, packets: all } = this.#parts;
    const { diagrams } = this.#parts.work;
    const own = diagrams.range(ORIGIN, 0, 0);
    const toNode = matcher.typed(NODE_TYPES, view.place, view.typeLevel);
    const state: PacketState = { ...start, natOwner: undefined };
    const ended: Tail[] = [];
    const part = (packets: Diagram): readonly Entry[] =>
      packets === NEVER ? [] : [{ state, share: WHOLE, packets, path: undefined }];
    const run: RunTables = (tables, chain, where, from, asked = view) => {
      const gone: Ended[] = [];
      let entries = from;
      for (const table of tables)
        entries = this.#runner.hook(
          table,
          chain,
          entries,
          { ...asked, hook: where === 'loopback' ? 'INPUT' : where },
          gone,
        );
      ended.push(...gone.map((entry) => ({ ...entry, where })));
      return entries;
    };
    const arriving = diagrams.minus(all, own);
    const natOf = view.tracking === 'NEW' ? ['nat'] : [];
    const filtered = run(FILTERS, 'INPUT', 'INPUT', part(diagrams.and(arriving, toNode)));
    const served = this.#parts.servers?.met(view.place, view.tracking, this.#options.without === 'kube');
    const behind =
      served === undefined
        ? []
        : this.#served.tails(view, served, [filtered, part(diagrams.and(all, own))], run, ended);
    const inside = run(natOf, 'INPUT', 'INPUT', served === undefined ? filtered : []);
    const through = run(FILTERS, 'FORWARD', 'FORWARD', part(diagrams.minus(arriving, toNode)));
    const sent = run(
      ['filter', 'security'],
      'OUTPUT',
      'OUTPUT',
      part(served === undefined ? diagrams.and(all, own) : NEVER),
    );
    const leaving = run(
      ['mangle', ...natOf],
      'POSTROUTING',
      'POSTROUTING',
      this.#parts.work.merged([...through, ...sent]),
    );
    const { away, back } = this.#byLo(view, leaving, run);
    // The most usual first: examples are taken from it.
    return [
      ...ended,
      ...behind,
      ...tailsAt('POSTROUTING', away),
      ...tailsAt('INPUT', inside),
      ...tailsAt('loopback', back),
    ];
  }

  /** What the node sends to itself comes back by lo. */
  #byLo(
    view: View,
    leaving: readonly Entry[],
    run: RunTables,
  ): { readonly away: readonly Entry[]; readonly back: readonly Entry[] } {
    const { diagrams } = this.#parts.work;
    const own = diagrams.range(ORIGIN, 0, 0);
    const looped = diagrams.and(own, this.#parts.matcher.typed(LOCAL, view.place, view.typeLevel));
    let back = within(leaving, (packets) => diagrams.and(packets, looped));
    back = run(BEFORE_NAT, 'PREROUTING', 'loopback', back);
    back = run(FILTERS, 'INPUT', 'loopback', back);
    return { away: within(leaving, (packets) => diagrams.minus(packets, looped)), back };
  }
}
