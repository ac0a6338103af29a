import type { Ruleset } from '../../ruleset/ruleset.ts';
import { serviceChainOf } from '../kube/service-chain.ts';
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
    const found = [...nat.chains.values()].filter(({ rules }) =>
      rules.some(({ rule: { target, matches } }) => {
        const isAlways = matches.every(({ kind }) => kind === 'comment');
        return isAlways && target.kind === 'mark' && tests.some((test) => setsMark(target, test));
      }),
    );
    return new Set([name, ...found.map((chain) => chain.name).filter((chain) => serviceChainOf(chain) === undefined)]);
  };
  const masqueradeChains = marking('KUBE-MARK-MASQ', marks.masquerade);
  const dropChains = marking('KUBE-MARK-DROP', marks.drop);
  const does =
    (chains: ReadonlySet<string>, tests: readonly MarkTest[]) =>
    (step: Step): boolean => {
      const { target } = step.at.rule;
      if (target.kind === 'jump' || target.kind === 'goto') return chains.has(target.chain);
      return target.kind === 'mark' && tests.some((test) => setsMark(target, test));
    };
  const masquerades = does(masqueradeChains, marks.masquerade);
  const drops = does(dropChains, marks.drop);
  const detectors = findDetectors(nat, masquerades);
  const known = new Set(detectors);
  return { terrain: { nat, masquerades, drops, isDetector: (text) => known.has(text) }, marks, detectors };
}

/**
 * kube-proxy masquerades what is not from Pods of this node (`! -s 10.244.0.0/16`), and lets their packets take a shorter way behind external
 * addresses (`-s 10.244.0.0/16`, in a chain that tells the node's own packets as well).
 */
function findDetectors(nat: ChainBook, masquerades: (step: Step) => boolean): readonly string[] {
  const counts = new Map<string, number>();
  const add = (text: string): void => void counts.set(text, (counts.get(text) ?? 0) + 1);
  for (const name of nat.chains.keys()) {
    const role = serviceChainOf(name)?.role;
    if (role === 'endpoint' || (role === undefined && !name.startsWith('KUBE-'))) continue;
    const steps = nat.steps(name) ?? [];
    const isExternal = role === 'external' || role === 'old-external';
    for (const step of steps) {
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
