import type { RuleSource } from '../../ruleset/rule-source.ts';
import type { RulesetChain, RulesetRule } from '../../ruleset/ruleset.ts';
import type { Jump } from '../../ruleset/target.ts';
import { appendTo } from '../../util/append.ts';
import type { Scene } from './answer.ts';
import {
  applyTarget,
  stepOf,
  unknownTarget,
  type Applied,
  type Ended,
  type Located,
  type Verdict,
} from './apply-target.ts';
import type { Asker } from './assumptions.ts';
import { ChainIndex, type PlacedRule } from './chain-index.ts';
import { mergeCourses, withStep, type Course, type Step } from './course.ts';
import { evaluateRule, type Evaluated, type Matched } from './evaluate-rule.ts';
import type { Question } from './question.ts';

/** Where courses are when a chain is done with them. */
export interface ChainResult {
  readonly ended: readonly Ended[];
  /** Back to where the chain was called from. */
  readonly returned: readonly Course[];
}

/** What a hook's chains have in common. */
export type HookScene = Omit<Scene, 'course'>;

/** Of nested chains; nft allows 16 jumps (NFT_JUMP_STACK_SIZE), legacy as many as there are chains. kube-proxy's are 5 deep. */
const DEEPEST = 128;

/** So much is done at most, in rules, which takes seconds. Chains that call one another twice each, 60 deep, would take years. */
const MOST_WORK = 6_000_000;
/** What each condition of a course takes when it is parted or put together with others, in rules. */
const CONDITION = 16;
/** What entering a chain takes, in rules. */
const ENTERING = 16;

/** A course inside of a chain, and the place from which its rules have not been counted yet. */
interface Walking {
  readonly scene: Scene;
  readonly from: number;
}

/** Runs courses through chains, as ipt_do_table does. */
export class ChainRunner {
  readonly #source: RuleSource;
  readonly #asker: Asker;
  readonly #indexes = new Map<RulesetChain, ChainIndex>();
  readonly #calls: string[] = [];
  #work = 0;

  constructor(source: RuleSource, asker: Asker) {
    this.#source = source;
    this.#asker = asker;
  }

  get asker(): Asker {
    return this.#asker;
  }

  /** Whether a chain is there and has rules. */
  hasRules(table: string, chain: string): boolean {
    return (this.#source.chain(table, chain)?.rules.length ?? 0) > 0;
  }

  /** Whether the work was too much, so that some courses end as unknown. */
  get gaveUp(): boolean {
    return this.#work > MOST_WORK;
  }

  /** The chain of a hook in a table: its policy decides about what comes back. Courses without such a chain are accepted. */
  runBase(scene: HookScene, courses: readonly Course[]): readonly Ended[] {
    const { table, hook } = scene;
    const chain = this.#source.chain(table, hook);
    if (chain === undefined) return courses.map((course) => ({ course, verdict: 'accept' }));
    const known = this.#asker.remember();
    const { ended, returned } = this.#run(chain, scene, courses);
    // What was found of some of the ways is of no use without the others.
    if (this.gaveUp) {
      this.#asker.forgetSince(known);
      return courses.map((course) => ({ course: withStep(course, gaveUpStep(scene)), verdict: 'unknown' }));
    }
    const all = [...ended];
    appendTo(
      all,
      returned.map((course) => this.#byPolicy(course, chain, scene)),
    );
    return all;
  }

  #byPolicy(course: Course, { policy, name, line }: RulesetChain, { hook, table }: HookScene): Ended {
    let verdict: Verdict = policy === 'ACCEPT' ? 'accept' : policy === 'DROP' ? 'drop' : 'unknown';
    if (policy === '-') {
      const text = `the policy of ${table} ${name}, of which the dump says nothing, is ACCEPT`;
      const question: Question = {
        kind: 'policy',
        key: `policy ${table} ${name}`,
        subject: name,
        yes: text,
        no: `not: ${text}`,
        place: { table, chain: name, line, text: '' },
      };
      verdict = this.#asker.ask(question) === false ? 'drop' : 'accept';
    }
    const effect = { kind: 'policy', policy } as const;
    const step = { hook, table, chain: name, rule: undefined, effect, chance: undefined, conditions: [] };
    return { course: withStep(course, step), verdict };
  }

  #run(chain: RulesetChain, scene: HookScene, courses: readonly Course[]): ChainResult {
    const ended: Ended[] = [];
    const returned: Course[] = [];
    this.#calls.push(chain.name);
    for (const group of byDestination(courses)) this.#walk(chain, scene, group, { ended, returned });
    this.#calls.pop();
    return { ended, returned: returned.length > courses.length ? this.#merge(returned) : returned };
  }

  /** Courses with one destination, which no rule of a table changes before it ends there. */
  #walk(
    chain: RulesetChain,
    scene: HookScene,
    courses: readonly Course[],
    to: { readonly ended: Ended[]; readonly returned: Course[] },
  ): void {
    const index = this.#indexOf(chain);
    const destination = courses[0]?.header.destination;
    const rules = destination === undefined || destination === 'own' ? index.all : index.rulesFor(destination);
    const at = (course: Course, from: number): Walking => ({ scene: { ...scene, course }, from });
    let here: readonly Walking[] = courses.map((course) => at(course, 0));
    let sizeAfterMerge = here.length;
    for (const placed of rules) {
      if (here.length === 0 || this.gaveUp) return;
      const next: Walking[] = [];
      for (const walking of here) this.#step(chain, placed, walking, { next, ...to });
      here = next;
      if (here.length > 2 * sizeAfterMerge) {
        here = this.#merge(here.map((walking) => counted(walking, placed.at + 1))).map((course) =>
          at(course, placed.at + 1),
        );
        sizeAfterMerge = Math.max(here.length, 32);
      }
    }
    appendTo(
      to.returned,
      here.map((walking) => counted(walking, index.length)),
    );
  }

  #step(
    chain: RulesetChain,
    { at, read }: PlacedRule,
    walking: Walking,
    to: { readonly next: Walking[]; readonly ended: Ended[]; readonly returned: Course[] },
  ): void {
    const { scene, from } = walking;
    const evaluated = this.#evaluate(read, chain.name, scene);
    if (evaluated === undefined) {
      to.next.push(walking);
      return;
    }
    for (const course of evaluated.passed) to.next.push({ scene: { ...scene, course }, from });
    for (const one of evaluated.matched) {
      const course = { ...one.course, cost: one.course.cost + at + 1 - from };
      const result = this.#apply({ read, chain: chain.name }, { ...one, course }, { ...scene, course });
      appendTo(to.ended, result.ended);
      appendTo(to.returned, result.returned);
      for (const goesOn of result.goOn) to.next.push({ scene: { ...scene, course: goesOn }, from: at + 1 });
    }
  }

  #indexOf(chain: RulesetChain): ChainIndex {
    const known = this.#indexes.get(chain);
    if (known !== undefined) return known;
    const index = new ChainIndex(chain);
    this.#indexes.set(chain, index);
    return index;
  }

  #evaluate(read: RulesetRule, chain: string, scene: Scene): Evaluated | undefined {
    this.#work += 1;
    const evaluated = evaluateRule(read, chain, scene, this.#asker);
    // It was parted.
    if (evaluated !== undefined && evaluated.matched.length > 0 && evaluated.passed.length > 0)
      this.#work += CONDITION * conditionsOf(scene.course);
    return evaluated;
  }

  #merge(courses: readonly Course[]): readonly Course[] {
    for (const course of courses) this.#work += 1 + CONDITION * conditionsOf(course);
    return mergeCourses(courses);
  }

  #apply(located: Located, matched: Matched, scene: Scene): Applied {
    const { rule } = located.read;
    const { target } = rule;
    // Whatever was read of it may be wrong.
    if (rule.leftover.length > 0) return unknownTarget('the rule', matched, located, scene, this.#asker);
    if (!('chain' in target)) return applyTarget(target, matched, located, scene, this.#asker);
    const effect = { kind: target.kind, chain: target.chain };
    const into = this.#source.chain(scene.table, target.chain);
    const course = withStep(matched.course, { ...stepOf(effect, matched, located, scene), into });
    return this.#enter(target, matched, located, scene, course);
  }

  #enter(target: Jump, matched: Matched, located: Located, scene: Scene, course: Course): Applied {
    const chain = this.#source.chain(scene.table, target.chain);
    if (chain === undefined) {
      // A part of a dump.
      return unknownTarget(
        `the chain ${target.chain}, which is not in the dump,`,
        matched,
        located,
        scene,
        this.#asker,
      );
    }
    const obstacle = this.#obstacle(target.chain);
    if (obstacle !== undefined) return unknownTarget(obstacle, matched, located, scene, this.#asker);
    this.#work += ENTERING;
    const { ended, returned } = this.#run(chain, scene, [course]);
    return target.kind === 'jump' ? { goOn: returned, ended, returned: [] } : { goOn: [], ended, returned };
  }
  /** The kernel refuses loops; what is deeper than here it may take. */
  #obstacle(chain: string): string | undefined {
    if (this.#calls.includes(chain)) return `the loop through ${chain}`;
    return this.#calls.length < DEEPEST ? undefined : `the chain ${chain}, too deep to follow (${DEEPEST} chains),`;
  }
}

function gaveUpStep({ hook, table }: HookScene): Step {
  const effect = { kind: 'gave-up' } as const;
  return { hook, table, chain: hook, rule: undefined, effect, chance: undefined, conditions: [] };
}

function conditionsOf({ weight }: Course): number {
  return weight.reduce((sum, { conditions }) => sum + conditions.length, 0);
}

function byDestination(courses: readonly Course[]): readonly (readonly Course[])[] {
  if (courses.length < 2) return courses.length === 0 ? [] : [courses];
  const groups = new Map<string, Course[]>();
  for (const course of courses) {
    const { destination } = course.header;
    const key = destination === 'own' ? 'own' : destination.text;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [course]);
    else group.push(course);
  }
  return [...groups.values()];
}

/** With the rules up to `at`. */
function counted({ scene: { course }, from }: Walking, at: number): Course {
  return { ...course, cost: course.cost + at - from };
}
