import { sortedBy } from '../../util/order.ts';
import { blamed, rulesOn } from './blame.ts';
import type { RunOptions } from './run-options.ts';
import { ALWAYS } from './node-table.ts';
import type { ActualOutcome } from './difference.ts';
import type { Example } from './example.ts';
import { groupBy } from '../../util/group-by.ts';
import * as level from './levels.ts';
import type { Tracking } from './view.ts';
import { outcomesOf, type Outcome } from './outcome.ts';
import { PacketPath } from './packet-path.ts';
import type { PathParts } from './path-parts.ts';
import type { Place } from './place.ts';
import { servedPart } from './ipvs/served-part.ts';
import type { Workspace } from './workspace.ts';

const FIELDS = [
  level.ORIGIN,
  level.SOURCE,
  level.SOURCE_PORT,
  level.SOURCE_TYPE,
  level.DESTINATION_TYPE,
  level.NEW_TYPE,
  level.OUT,
  level.NEW_OUT,
  level.TCP_FLAG_BITS,
  level.ICMP_TYPE,
  level.WAS_TRANSLATED,
];

/** All that can happen to one packet, with the rules that matched. */
export function recordedOutcomes(
  { options, ...path }: PathParts & { readonly options: RunOptions },
  { place, tracking }: { readonly place: Place; readonly tracking: Tracking },
  { packet, valueOf }: Example,
): readonly Outcome[] {
  const { diagrams, conditions } = path.work;
  let point = ALWAYS;
  const fix = (at: number): void => {
    point = diagrams.and(point, diagrams.range(at, valueOf(at), valueOf(at)));
  };
  for (const at of FIELDS) fix(at);
  for (let bit = 0; bit < 32; bit++) fix(level.FIRST_MARK_BIT + bit);
  for (const { condition } of packet.conditions) fix(conditions.levelOf(condition));
  const recording = new PacketPath({ ...path, packets: point }, { ...options, record: true });
  const arrivals = recording.arrive(place, point, tracking);
  const outcomes = outcomesOf(path.work, recording, place, tracking, arrivals, point);
  return outcomes.filter(({ packets }) => diagrams.has(packets, valueOf));
}

/** Whether an outcome leaves the mark's bits on a packet that leaves the node. */
function leavesMark(work: Workspace, { mark, where, verdict }: Outcome, bits: number): boolean {
  const left = verdict === 'accept' && (where === 'POSTROUTING' || where === 'loopback');
  return bits !== 0 && left && work.marks.isSet(mark, bits);
}

/** Outcomes for readers: those that look alike as one, with the sum of their chances. */
export function actualOutcomes(
  work: Workspace,
  outcomes: readonly Outcome[],
  markBit: number,
): readonly ActualOutcome[] {
  const marked = (outcome: Outcome): boolean => leavesMark(work, outcome, markBit);
  const groups = groupBy(
    outcomes,
    (o) => `${o.verdict} ${o.translation ?? ''} ${o.source ?? ''} ${marked(o)} ${o.remembered.join()}`,
  );
  const found = [...groups.values()].flatMap((group): readonly ActualOutcome[] => {
    const [first, ...more] = group;
    if (first === undefined) return [];
    const share = more.reduce((sum, o) => work.shares.plus(sum, o.share), first.share);
    const real = servedPart(first);
    return [
      {
        verdict: first.verdict,
        endpoint: first.translation,
        source: first.source,
        markLeft: marked(first),
        remembered: first.remembered,
        share: work.shares.exactly(share),
        ...(real === undefined ? {} : { real }),
        chance: work.shares.approximately(share) * (real === undefined ? 1 : real.part / real.whole),
        path: rulesOn(first.paths).map(blamed),
      },
    ];
  });
  return sortedBy(
    found,
    (o) => o.endpoint ?? '~',
    (o) => o.verdict,
  );
}
