import type { Ended } from './packet-state.ts';
import type { Workspace } from './workspace.ts';

/** The endpoint of a service port whose clients are put into a list. */
export interface ListOwner {
  readonly key: string;
  /** The rules also ask the list on the way there: it is surely the endpoint's own. A Service with one endpoint needs not ask. */
  readonly isAsked: boolean;
  /** Says that the list is another's; means nothing in another generation of diagrams. */
  readonly accuse: () => void;
  readonly generation: number;
}

/** Lists on which it hangs whether packets come to an endpoint, as `RuleProgram.remembers`. */
export function askedFor({ diagrams, conditions }: Workspace, arrivals: readonly Ended[]): ReadonlySet<string> {
  const levels = new Set(arrivals.flatMap(({ packets }) => [...diagrams.levelsOf(packets)]));
  return new Set(
    [...levels].flatMap((level) => {
      const condition = conditions.at(level);
      return condition?.kind === 'recent' ? [`${condition.list} ${condition.remembers}`] : [];
    }),
  );
}
