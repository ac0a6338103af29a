import type { Rule } from '../../ruleset/rule.ts';
import type { Ruleset, RulesetRule } from '../../ruleset/ruleset.ts';
import type { ChainBook, Step } from './chain-book.ts';
import { findMarks, setsMark, type MarkTest, type Marks } from './marks.ts';
import type { Terrain } from './walk-chain.ts';

export interface ReadTerrain {
  readonly terrain: Terrain;
  readonly marks: Marks;
  /** Tests of the source that tell Pods of this node, sorted by how many rules have them. */
  readonly detectors: readonly string[];
}

/** What the marks, and the tests of sources, of these rules mean. */
export function readTerrain(ruleset: Ruleset, nat: ChainBook): ReadTerrain {
  const marks = findMarks(ruleset);
  const marking = (name: string, tests: readonly MarkTest[]): ReadonlySet<string> => {
    const marks = ({ rule }: RulesetRule): boolean => isAlways(rule) && setsAny(rule, tests);
    return new Set([
      name,
      ...nat.ofRole(undefined).filter((chain) => nat.chains.get(chain)?.rules.some(marks) === true),
    ]);
  };
  const does =
    (chains: ReadonlySet<string>, tests: readonly MarkTest[]) =>
    (rule: Rule): boolean => {
      const { target } = rule;
      return target.kind === 'jump' || target.kind === 'goto' ? chains.has(target.chain) : setsAny(rule, tests);
    };
  const marksForMasquerade = does(marking('KUBE-MARK-MASQ', marks.masquerade), marks.masquerade);
  const marksToDrop = does(marking('KUBE-MARK-DROP', marks.drop), marks.drop);
  const masquerades = ({ at }: Step): boolean => marksForMasquerade(at.rule);
  const drops = ({ at }: Step): boolean => marksToDrop(at.rule);
  const detectors = findDetectors(nat, masquerades);
  const known = new Set(detectors);
  const isDetector = (text: string): boolean => known.has(text);
  return { terrain: { nat, marksForMasquerade, masquerades, drops, isDetector }, marks, detectors };
}

function isAlways({ source, destination, inInterface, protocol, matches }: Rule): boolean {
  const asked = [source, destination, inInterface, protocol].some((part) => part !== undefined);
  return !asked && matches.every(({ kind }) => kind === 'comment');
}

function setsAny({ target }: Rule, tests: readonly MarkTest[]): boolean {
  return target.kind === 'mark' && tests.some((test) => setsMark(target, test));
}

/**
 * kube-proxy masquerades what is not from Pods of this node (`! -s 10.244.0.0/16`), and lets their packets take a shorter way behind external
 * addresses (`-s 10.244.0.0/16`, in a chain that tells the node's own packets as well).
 */
function findDetectors(nat: ChainBook, masquerades: (step: Step) => boolean): readonly string[] {
  const counts = new Map<string, number>();
  const add = (text: string): void => void counts.set(text, (counts.get(text) ?? 0) + 1);
  const external = new Set([...nat.ofRole('external'), ...nat.ofRole('old-external')]);
  const others = [...nat.ofRole('cluster'), ...nat.ofRole('local'), ...nat.ofRole('firewall')];
  const lists = nat.ofRole(undefined).filter((name) => name.startsWith('KUBE-'));
  for (const name of [...lists, ...others, ...external]) {
    const isExternal = external.has(name);
    for (const step of nat.steps(name) ?? []) {
      const { source } = step.guard;
      if (source === undefined) continue;
      const { kind } = step.at.rule.target;
      if (
        source.negated ? masquerades(step) : isExternal && (kind === 'jump' || kind === 'goto') && !masquerades(step)
      ) {
        add(source.text);
      }
    }
  }
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([text]) => text);
}
