import type { Step } from './chain-book.ts';
import type { DecodedMasquerade, SourceClass } from './decoded-rules.ts';
import type { Destination } from './dispatch.ts';
import type { FrontendDraft } from './drafts.ts';
import { hostOf } from './endpoint-chain.ts';
import { conditionTexts, type Guard } from './guard.ts';
import { isFrom, type ChainWalker, type Terrain } from './walk-chain.ts';

export const SOURCES: readonly SourceClass[] = ['pod', 'node', 'outside'];

/** Rules on the way that mark packets for masquerading. */
interface Marking {
  readonly steps: Set<Step>;
  /** Those that depend on more than where packets come from. */
  readonly doubtful: Set<Step>;
}

/** Whose packets to a frontend are masqueraded, without what endpoints do to their own. */
export function masqueradeOf(frontend: FrontendDraft, terrain: Terrain, walker: ChainWalker): DecodedMasquerade {
  const marked = new Map<SourceClass, Marking>();
  for (const source of SOURCES) {
    const marking: Marking = { steps: new Set(), doubtful: new Set() };
    for (const { step } of frontend.masquerade) mark(step, source, marking, terrain);
    for (const { step } of frontend.balance) {
      const { target } = step.at.rule;
      if (target.kind !== 'jump' && target.kind !== 'goto') continue;
      followMarks(target.chain, {
        source,
        marking,
        destination: frontend.destination,
        terrain,
        walker,
        met: new Set(),
      });
    }
    marked.set(source, marking);
  }
  return summed(marked, terrain);
}

interface MarkWalk {
  readonly source: SourceClass;
  readonly marking: Marking;
  readonly destination: Destination;
  readonly terrain: Terrain;
  readonly walker: ChainWalker;
  /** Chains are met once, so that circles end. */
  readonly met: Set<string>;
}

/** Returns whether some packets come back from the chain. */
function followMarks(chain: string, walk: MarkWalk): boolean {
  const { source, marking, destination, terrain, walker, met } = walk;
  if (met.has(chain) || met.size > 64 || walker.endpoint(chain) !== undefined) return true;
  met.add(chain);
  for (const step of terrain.nat.steps(chain) ?? []) {
    const { guard } = step;
    if (terrain.masquerades(step)) {
      if (isAbout(guard, destination)) mark(step, source, marking, terrain);
      continue;
    }
    const { target } = step.at.rule;
    if (guard.remembered !== undefined || !isFrom(guard, source, terrain)) continue;
    if (target.kind !== 'jump' && target.kind !== 'goto') continue;
    const comesBack = walker.endpoint(target.chain) === undefined && followMarks(target.chain, walk);
    if (guard.odds === undefined && guard.other.length === 0 && !comesBack) return false;
  }
  return walker.outcome(chain, source).rest !== undefined;
}

function mark(step: Step, source: SourceClass, marking: Marking, terrain: Terrain): void {
  const { guard } = step;
  const isRange = guard.source !== undefined && !guard.source.negated && !terrain.isDetector(guard.source.text);
  if (guard.odds !== undefined || guard.sets.length > 0 || guard.other.length > 0 || isRange)
    marking.doubtful.add(step);
  else if (isFrom(guard, source, terrain)) marking.steps.add(step);
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

function summed(marked: ReadonlyMap<SourceClass, Marking>, { isDetector }: Terrain): DecodedMasquerade {
  const steps = new Set([...marked.values()].flatMap((marking) => [...marking.steps]));
  const doubtful = new Set([...marked.values()].flatMap((marking) => [...marking.doubtful]));
  const lines = [...new Set([...steps, ...doubtful].map(({ at }) => at.line))].sort((a, b) => a - b);
  const [pod, node, outside] = SOURCES.map((source) => (marked.get(source)?.steps.size ?? 0) > 0);
  if (pod === true && node === true && outside === true) return { kind: 'all', conditions: [], lines };
  // Loopback is the node itself: a rule for it says nothing more.
  const more = [...doubtful].filter(({ guard }) => !/^-s (?:127\.|::1)/.test(guard.source?.text ?? ''));
  if (more.length > 0) return { kind: 'some', conditions: texts([...steps, ...more]), lines };
  const detectors = [...steps].flatMap(({ guard: { source } }) =>
    source?.negated === true && isDetector(source.text) ? [source.text] : [],
  );
  if (pod !== true && node === true && outside === true && detectors.length > 0) {
    return { kind: 'except', conditions: [...new Set(detectors)], lines };
  }
  if (pod !== true && outside !== true && (node === true || doubtful.size > 0)) {
    return { kind: 'node', conditions: [], lines };
  }
  return steps.size === 0
    ? { kind: 'none', conditions: [], lines }
    : { kind: 'some', conditions: texts([...steps]), lines };
}

function texts(steps: readonly Step[]): readonly string[] {
  return [...new Set(steps.flatMap(({ guard }) => conditionTexts(guard)))];
}
