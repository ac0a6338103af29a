import { NEVER, type Diagram } from './node-table.ts';
import { Blocks } from './blocks.ts';
import { ChainRunner } from './chain-runner.ts';
import type { RunOptions } from './run-options.ts';
import { DESTINATION_TYPE, NEW_OUT, NEW_TYPE, ORIGIN, OUT } from './levels.ts';
import type { Matcher } from './matcher.ts';
import type { Tracking, View } from './view.ts';
import type { Ended, Entry, PacketState, Translation } from './packet-state.ts';
import { LOCAL, type Place } from './place.ts';
import type { Places } from './places.ts';
import type { Programs } from './programs.ts';
import { WHOLE } from './shares.ts';
import type { Served, ServedPlaces } from './ipvs/served-places.ts';
import type { Workspace } from './workspace.ts';

/** The tables that a hook asks, in the kernel's order of priorities, without nat. */
const BEFORE_NAT = ['raw', 'mangle'] as const;
const FILTERS = ['mangle', 'filter', 'security'] as const;

/** What becomes of packets once nat PREROUTING or OUTPUT has let them go. */
export interface Tail extends Ended {
  /** The last hook they met. Only POSTROUTING translates sources; packets by lo come to INPUT behind it. */
  readonly where: 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING' | 'loopback';
}

export interface PathParts {
  readonly work: Workspace;
  readonly programs: Programs;
  readonly matcher: Matcher;
  /** Classes of destinations once they are settled: fewer than at first, as most rules lie behind. */
  readonly laterPlaces: Places;
  /** Whose tails are asked for; usually every packet. */
  readonly packets: Diagram;
  /** The virtual servers of the ipvs mode; undefined: IPVS has none. */
  readonly servers: ServedPlaces | undefined;
}

/**
 * The way of a connection's first packet through the hooks, in the kernel's order:
 *
 *     arrives:      raw, mangle, nat PREROUTING -> this node: mangle, filter, security, nat INPUT
 *                                               -> elsewhere: mangle, filter, security FORWARD -> mangle, nat POSTROUTING
 *     of the node:  raw, mangle, nat OUTPUT -> filter, security OUTPUT -> mangle, nat POSTROUTING
 *                                               -> this node, by lo: raw, mangle PREROUTING, mangle, filter, security INPUT
 *
 * A packet by lo is not translated a second time. Other packets of a connection take the same way without nat.
 *
 * IPVS (ip_vs_core.c) takes packets for its virtual servers behind the filters of INPUT, and in OUTPUT behind nat. They get the address of a
 * real server and pass OUTPUT anew, as if the node had made them, then POSTROUTING; those for a real server on the node itself go on.
 */
export class PacketPath {
  readonly #parts: PathParts;
  readonly #runner: ChainRunner;
  readonly #options: RunOptions;
  #tails = new Map<string, readonly Tail[]>();
  #generation = 0;
  readonly #initial = new Map<Tracking, PacketState>();

  constructor(parts: PathParts, options: RunOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#runner = new ChainRunner(parts.work, parts.programs, parts.matcher, options);
  }

  /** A packet as it comes. */
  initialState(tracking: Tracking): PacketState {
    const known = this.#initial.get(tracking);
    if (known !== undefined) return known;
    const { marks } = this.#parts.work;
    const state: PacketState = {
      mark: marks.initial(this.#options.zeroBits),
      connmark: marks.initialConnection(tracking === 'NEW'),
      translation: undefined,
      served: undefined,
      natOwner: undefined,
      source: undefined,
      sourceOwner: undefined,
      passedBy: undefined,
      remembered: [],
      stray: false,
    };
    this.#initial.set(tracking, state);
    return state;
  }

  /** Up to the routing decision: where packets to a place are sent, or where they ended before. */
  arrive(place: Place, packets: Diagram, tracking: Tracking): readonly Ended[] {
    this.#runner.restart();
    const { diagrams } = this.#parts.work;
    const own = diagrams.range(ORIGIN, 0, 0);
    const state = this.initialState(tracking);
    const view: View = {
      hook: 'first',
      tracking,
      place,
      typeLevel: DESTINATION_TYPE,
      outLevel: OUT,
      original: place,
      originalTypeLevel: DESTINATION_TYPE,
    };
    const ended: Ended[] = [];
    const blocks = new Blocks(packets, state);
    for (const [chain, part] of [
      ['PREROUTING', diagrams.minus(packets, own)],
      ['OUTPUT', diagrams.and(packets, own)],
    ] as const) {
      let entries: readonly Entry[] = part === NEVER ? [] : [{ state, share: WHOLE, packets: part, path: undefined }];
      for (const table of BEFORE_NAT) entries = this.#runner.hook(table, chain, entries, view, ended);
      if (tracking === 'NEW') entries = this.#runner.hook('nat', chain, entries, view, ended, blocks);
      ended.push(...entries.map(accepted));
    }
    ended.push(...this.#runner.endedInBlocks(blocks));
    return ended;
  }

  /** Where a translated packet goes; undefined if that is no single address. */
  destination(place: Place, translation: Translation): Place | undefined {
    const { address, port } = translation;
    return address === undefined ? undefined : this.#parts.laterPlaces.of(address, place.protocol, port ?? place.port);
  }

  /** From the routing decision on; for all packets in this state. */
  tails(original: Place, state: PacketState, tracking: Tracking): readonly Tail[] {
    const { work } = this.#parts;
    if (work.generation !== this.#generation) {
      this.#tails = new Map();
      this.#generation = work.generation;
    }
    const view = this.#tailView(original, state, tracking);
    if (view === undefined) return [];
    const key = this.#key(view, state);
    let tails = this.#tails.get(key);
    if (tails === undefined) {
      this.#runner.restart();
      tails = this.#runTails(view, state);
      if (this.#tails.size > MOST_TAILS) this.#tails.clear();
      this.#tails.set(key, tails);
    }
    return tails;
  }

  #key({ place, typeLevel, tracking, original }: View, state: PacketState): string {
    const { mark, connmark, translation, remembered, stray } = state;
    const asks = this.#parts.programs.asksBehind();
    const before = `${asks.original ? original.id : ''} ${asks.recent ? remembered.join() : ''}`;
    return `${place.id} ${typeLevel} ${tracking} ${mark} ${connmark} ${translation !== undefined} ${stray} ${before}`;
  }

  #tailView(original: Place, { translation }: PacketState, tracking: Tracking): View | undefined {
    const moved = translation === undefined ? original : this.destination(original, translation);
    if (moved === undefined) return undefined;
    const stays = translation === undefined || translation.address === original.address;
    const place =
      translation === undefined
        ? this.#parts.laterPlaces.of(original.address, original.protocol, original.port)
        : moved;
    // What is known of the original place (a clusterIP is no address of the node) holds on.
    const types = translation === undefined ? original.types : place.types;
    return {
      hook: 'FORWARD',
      tracking,
      place: types === place.types ? place : { ...place, types, id: -1 - (place.id * 32 + types) },
      typeLevel: stays ? DESTINATION_TYPE : NEW_TYPE,
      outLevel: stays ? OUT : NEW_OUT,
      original,
      originalTypeLevel: DESTINATION_TYPE,
    };
  }

  #runTails(view: View, start: PacketState): readonly Tail[] {
    const { matcher, packets: all } = this.#parts;
    const { diagrams } = this.#parts.work;
    const own = diagrams.range(ORIGIN, 0, 0);
    const toNode = matcher.typed(NODE_TYPES, view.place, view.typeLevel);
    const state: PacketState = { ...start, translation: start.translation, natOwner: undefined };
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
      served === undefined ? [] : this.#servedTails(view, served, [filtered, part(diagrams.and(all, own))], run, ended);
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
    const at = (where: Tail['where'], entries: readonly Entry[]): readonly Tail[] =>
      entries.map((entry) => ({ ...accepted(entry), where }));
    // The most usual first: examples are taken from it.
    return [...ended, ...behind, ...at('POSTROUTING', away), ...at('INPUT', inside), ...at('loopback', back)];
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
    const split = leaving.map((entry) => ({
      out: { ...entry, packets: diagrams.minus(entry.packets, looped) },
      back: { ...entry, packets: diagrams.and(entry.packets, looped) },
    }));
    let back: readonly Entry[] = split.map((s) => s.back).filter(isThere);
    back = run(BEFORE_NAT, 'PREROUTING', 'loopback', back);
    back = run(FILTERS, 'INPUT', 'loopback', back);
    return { away: split.map((s) => s.out).filter(isThere), back };
  }

  /** Behind IPVS: one tail for each real server that it may choose. */
  #servedTails(
    first: View,
    served: Served,
    [arriving, own]: readonly [readonly Entry[], readonly Entry[]],
    run: RunTables,
    ended: Tail[],
  ): readonly Tail[] {
    const taken = (entries: readonly Entry[]): readonly Entry[] =>
      entries.map((entry) => ({ ...entry, state: { ...entry.state, served } }));
    const here: readonly TakenEntries[] = [
      { entries: taken(arriving), where: 'INPUT' },
      { entries: taken(own), where: 'OUTPUT' },
    ];
    if (served.targets.length === 0) {
      const { address } = served.server;
      const isSix = address.kind === 'address' && address.ip.family === 'ipv6';
      const verdict = isSix ? 'reject icmp6-port-unreachable' : 'reject icmp-port-unreachable';
      const refused = here.flatMap(({ entries, where }) =>
        entries.map((entry): Tail => ({
          ...accepted(entry),
          verdict,
          owner: served.isForeign ? 'other' : 'kube',
          where,
        })),
      );
      return refused;
    }
    const legs = new Map<number, readonly Tail[]>();
    return served.targets.flatMap((translation) => {
      const place = this.destination(first.place, translation);
      if (place === undefined) return here.flatMap(({ entries, where }) => tailsAt(where, entries, translation));
      let leg = legs.get(place.id);
      if (leg === undefined)
        legs.set(
          place.id,
          (leg = this.#leg({ ...first, place, typeLevel: NEW_TYPE, outLevel: NEW_OUT }, here, run, ended)),
        );
      return leg.map((tail) => ({ ...tail, state: { ...tail.state, translation } }));
    });
  }

  /** On to one real server. What ends on the way ends for it alone. */
  #leg(view: View, here: readonly TakenEntries[], run: RunTables, ended: Tail[]): readonly Tail[] {
    const { diagrams } = this.#parts.work;
    const before = ended.length;
    const toNode = this.#parts.matcher.typed(LOCAL, view.place, view.typeLevel);
    const part = (entries: readonly Entry[], packets: Diagram): readonly Entry[] =>
      entries.map((entry) => ({ ...entry, packets: diagrams.and(entry.packets, packets) })).filter(isThere);
    const natOf = view.tracking === 'NEW' ? ['nat'] : [];
    const [arriving, own] = here.map(({ entries }) => entries);
    const elsewhere = part([...(arriving ?? []), ...(own ?? [])], diagrams.not(toNode));
    const sent = run([...BEFORE_NAT, 'filter', 'security'], 'OUTPUT', 'OUTPUT', elsewhere, view);
    const stays = run(['filter', 'security'], 'OUTPUT', 'OUTPUT', part(own ?? [], toNode), view);
    const leaving = run(
      ['mangle', ...natOf],
      'POSTROUTING',
      'POSTROUTING',
      this.#parts.work.merged([...sent, ...stays]),
      view,
    );
    const { away, back } = this.#byLo(view, leaving, (tables, chain, where, from) =>
      run(tables, chain, where, from, view),
    );
    const inside = run(natOf, 'INPUT', 'INPUT', part(arriving ?? [], toNode), view);
    return [
      ...ended.splice(before),
      ...tailsAt('POSTROUTING', away),
      ...tailsAt('INPUT', inside),
      ...tailsAt('loopback', back),
    ];
  }
}

interface TakenEntries {
  readonly entries: readonly Entry[];
  readonly where: 'INPUT' | 'OUTPUT';
}

/** Runs tables of a hook; what ends there is kept, the rest is returned. */
type RunTables = (
  tables: readonly string[],
  chain: string,
  where: Tail['where'],
  from: readonly Entry[],
  view?: View,
) => readonly Entry[];

function tailsAt(where: Tail['where'], entries: readonly Entry[], translation?: Translation): readonly Tail[] {
  return entries.map((entry) => {
    const state = translation === undefined ? entry.state : { ...entry.state, translation };
    return { ...accepted({ ...entry, state }), where };
  });
}

/** Kept at a time; with many rules of others each is long. */
const MOST_TAILS = 20_000;

/** Broadcasts and multicasts that arrive are taken in as well. */
const NODE_TYPES = LOCAL | 4 | 8;

function isThere({ packets }: Entry): boolean {
  return packets !== NEVER;
}

function accepted({ state, share, packets, path }: Entry): Ended {
  return { state, share, packets, path, verdict: 'accept', owner: undefined, unknown: undefined };
}
