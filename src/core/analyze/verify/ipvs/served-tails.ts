import { portUnreachable } from '../../../ruleset/port-unreachable.ts';
import { NEW_OUT, NEW_TYPE } from '../levels.ts';
import type { Diagram } from '../node-table.ts';
import { endedBy, type Entry } from '../packet-state.ts';
import { destinationOf, type PathParts } from '../path-parts.ts';
import { LOCAL } from '../place.ts';
import { BEFORE_NAT, tailsAt, within, type RunTables, type Tail } from '../tail.ts';
import type { View } from '../view.ts';
import type { Served } from './served-places.ts';

interface TakenEntries {
  readonly entries: readonly Entry[];
  readonly where: 'INPUT' | 'OUTPUT';
}

/** Takes what the node sends to itself out of what leaves, and leads it back in. */
type ByLo = (
  view: View,
  leaving: readonly Entry[],
  run: RunTables,
) => { readonly away: readonly Entry[]; readonly back: readonly Entry[] };

/** The way of packets that IPVS has taken. */
export class ServedTails {
  readonly #parts: PathParts;
  readonly #byLo: ByLo;

  constructor(parts: PathParts, byLo: ByLo) {
    this.#parts = parts;
    this.#byLo = byLo;
  }

  /** Behind IPVS: one tail for each real server that it may choose. */
  tails(
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
      const verdict = `reject ${portUnreachable(address.kind === 'address' ? address.ip.family : 'ipv4')}` as const;
      return here.flatMap(({ entries, where }) =>
        entries.map((entry): Tail => ({
          ...endedBy(entry, 'accept', undefined),
          verdict,
          owner: served.isForeign ? 'other' : 'kube',
          where,
        })),
      );
    }
    const legs = new Map<number, readonly Tail[]>();
    return this.#told(first, served.targets).flatMap((translation) => {
      const place = destinationOf(this.#parts, first.place, translation);
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

  /** Of later packets one real server of each class is enough: they are not shared out, and no table of nat sees them. */
  #told({ place, tracking }: View, targets: Served['targets']): Served['targets'] {
    if (tracking === 'NEW') return targets;
    const seen = new Set<number | undefined>();
    return targets.filter((translation) => {
      const id = destinationOf(this.#parts, place, translation)?.id;
      const isNew = !seen.has(id);
      seen.add(id);
      return isNew;
    });
  }

  /** On to one real server. What ends on the way ends for it alone. */
  #leg(view: View, here: readonly TakenEntries[], run: RunTables, ended: Tail[]): readonly Tail[] {
    const { diagrams } = this.#parts.work;
    const before = ended.length;
    const toNode = this.#parts.matcher.typed(LOCAL, view.place, view.typeLevel);
    const part = (entries: readonly Entry[], packets: Diagram): readonly Entry[] =>
      within(entries, (all) => diagrams.and(all, packets));
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
