import { Blocks } from './blocks.ts';
import { ChainRunner } from './chain-runner.ts';
import { DESTINATION_TYPE, NEW_OUT, NEW_TYPE, ORIGIN, OUT } from './levels.ts';
import { NEVER, type Diagram } from './node-table.ts';
import { endedBy, type Ended, type Entry, type PacketState, type Translation } from './packet-state.ts';
import { destinationOf, type PathParts } from './path-parts.ts';
import type { Place } from './place.ts';
import type { RunOptions } from './run-options.ts';
import { WHOLE } from './shares.ts';
import { BEFORE_NAT, type Tail } from './tail.ts';
import { TailWalk } from './tail-walk.ts';
import type { Tracking, View } from './view.ts';

/** Kept at a time; with many rules of others each is long. */
const MOST_TAILS = 20_000;

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
  readonly #tailWalk: TailWalk;
  #tails = new Map<string, readonly Tail[]>();
  #generation = 0;
  readonly #initial = new Map<Tracking, PacketState>();

  constructor(parts: PathParts, options: RunOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#runner = new ChainRunner(parts.work, parts.programs, parts.matcher, options);
    this.#tailWalk = new TailWalk(parts, this.#runner, options);
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
      ended.push(...entries.map((entry) => endedBy(entry, 'accept', undefined)));
    }
    ended.push(...this.#runner.endedInBlocks(blocks));
    return ended;
  }

  /** Where a translated packet goes; undefined if that is no single address. */
  destination(place: Place, translation: Translation): Place | undefined {
    return destinationOf(this.#parts, place, translation);
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
      tails = this.#tailWalk.run(view, state);
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
}
