import type { Step } from './chain-book.ts';
import type { DecodedMasquerade, SourceClass } from './decoded-rules.ts';
import type { Destination } from './dispatch.ts';
import type { FrontendDraft } from './drafts.ts';
import { hostOf } from './endpoint-chain.ts';
import { conditionTexts, type Guard } from './guard.ts';
import { sortedLines, unique } from './unique.ts';
import { isFrom, type ChainWalker, type Terrain } from './walk-chain.ts';

export const SOURCES: readonly SourceClass[] = ['pod', 'node', 'outside'];

/** Whose packets to a frontend are masqueraded, without what endpoints do to their own. */
export function masqueradeOf(frontend: FrontendDraft, terrain: Terrain, walker: ChainWalker): DecodedMasquerade {
  const before = frontend.masquerade.map(({ step }) => ({ step, isLate: false }));
  const chains = frontend.balance.flatMap(({ step }) => {
    const { target } = step.at.rule;
    return target.kind === 'jump' || target.kind === 'goto' ? [target.chain] : [];
  });
  const isSame = chains.every(
    (chain) => walker.endpoint(chain) !== undefined || !walker.outcome(chain, 'outside').sourced,
  );
  const met = (source: SourceClass): readonly Met[] => {
    const walk: MarkWalk = {
      source,
      rules: [...before],
      destination: frontend.destination,
      terrain,
      walker,
      met: new Set(),
    };
    for (const chain of chains) followMarks(chain, walk);
    return walk.rules;
  };
  const all = isSame ? met('outside') : undefined;
  const marked = SOURCES.map((source) => markedFrom(all ?? met(source), source, terrain));
  const [pod = [], node = [], outside = []] = marked.map(({ steps }) => steps);
  return summed({ pod, node, outside }, unique(marked.flatMap(({ doubtful }) => doubtful)), terrain);
}

/** A rule that marks packets for masquerading. `isLate`: some have got their endpoint before. */
interface Met {
  readonly step: Step;
  readonly isLate: boolean;
}

interface MarkWalk {
  readonly source: SourceClass;
  /** Rules on the way that mark packets for masquerading, whatever their sources. */
  readonly rules: Met[];
  readonly destination: Destination;
  readonly terrain: Terrain;
  readonly walker: ChainWalker;
  /** Chains are met once, so that circles end. */
  readonly met: Set<string>;
}

/** Returns whether some packets come back from the chain. */
function followMarks(chain: string, walk: MarkWalk): boolean {
  const { source, rules: steps, destination, terrain, walker, met } = walk;
  if (met.has(chain) || met.size > 64 || walker.endpoint(chain) !== undefined) return true;
  met.add(chain);
  for (const rule of walker.sorted(chain).way) {
    if (rule.kind === 'end') break;
    const { guard } = rule.step;
    if (rule.kind === 'mark') {
      if (isAbout(guard, destination)) steps.push(rule);
      continue;
    }
    if (guard.remembered !== undefined || !isFrom(guard, source, terrain)) continue;
    const comesBack = followMarks(rule.chain, walk);
    if (guard.odds === undefined && guard.other.length === 0 && !comesBack) break;
  }
  return walker.outcome(chain, source).rest !== undefined;
}

interface Marked {
  readonly steps: readonly Step[];
  /** Those that depend on more than where packets come from. */
  readonly doubtful: readonly Step[];
}

function markedFrom(met: readonly Met[], source: SourceClass, terrain: Terrain): Marked {
  const steps: Step[] = [];
  const doubtful: Step[] = [];
  for (const { step, isLate } of met) {
    const { guard } = step;
    const isRange = guard.source !== undefined && !guard.source.negated && !terrain.isDetector(guard.source.text);
    const isOdd = guard.odds !== undefined || guard.sets.length > 0 || guard.other.length > 0;
    if (isOdd || isRange || isLate) doubtful.push(step);
    else if (isFrom(guard, source, terrain)) steps.push(step);
  }
  return { steps, doubtful };
}

/** Whether a rule in a chain of the service port speaks of this frontend: those of other ones are there as well. */
function isAbout({ destination, port, protocol }: Guard, to: Destination): boolean {
  if (port !== undefined && port !== to.port) return false;
  if (protocol !== undefined && to.protocol !== undefined && protocol !== to.protocol) return false;
  if (destination === undefined) return true;
  if (to.isNodePort || destination.negated) return false;
  return destination.network === undefined
    ? destination.text === to.address
    : hostOf(destination.network) === to.address;
}

type MarkedBy = Readonly<Record<SourceClass, readonly Step[]>>;

export function summed(
  { pod, node, outside }: MarkedBy,
  doubtful: readonly Step[],
  { isDetector }: Terrain,
): DecodedMasquerade {
  const steps = unique([...pod, ...node, ...outside]);
  const lines = sortedLines([...steps, ...doubtful].map(({ at }) => at.line));
  const [isPod, isNode, isOutside] = [pod.length > 0, node.length > 0, outside.length > 0];
  if (isPod && isNode && isOutside) return { kind: 'all', conditions: [], lines };
  // Loopback is the node itself: a rule for it says nothing more.
  const more = doubtful.filter(({ guard }) => !/^-s (?:127\.|::1)/.test(guard.source?.text ?? ''));
  if (more.length > 0) return { kind: 'some', conditions: texts([...steps, ...more]), lines };
  const detectors = steps.flatMap(({ guard: { source } }) =>
    source?.negated === true && isDetector(source.text) ? [source.text] : [],
  );
  if (!isPod && isNode && isOutside && detectors.length > 0) {
    return { kind: 'except', conditions: unique(detectors), lines };
  }
  if (!isPod && !isOutside && (isNode || doubtful.length > 0)) return { kind: 'node', conditions: [], lines };
  return steps.length === 0
    ? { kind: 'none', conditions: [], lines }
    : { kind: 'some', conditions: texts(steps), lines };
}

function texts(steps: readonly Step[]): readonly string[] {
  const all = steps.flatMap(({ at, guard }) => {
    const conditions = conditionTexts(guard);
    return conditions.length === 0 ? [`it gets to line ${at.line}`] : conditions;
  });
  return unique(all);
}
