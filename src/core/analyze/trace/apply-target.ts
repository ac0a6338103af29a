import type { RulesetRule } from '../../ruleset/ruleset.ts';
import type {
  ConnmarkTarget,
  Jump,
  MarkTarget,
  MasqueradeTarget,
  NatTarget,
  OpaqueTarget,
  Target,
} from '../../ruleset/target.ts';
import { endpointText } from './address.ts';
import type { Scene } from './answer.ts';
import type { Asker } from './assumptions.ts';
import { withStep, type Course, type Effect, type Step, type Translation } from './course.ts';
import type { Matched } from './evaluate-rule.ts';
import { hasConnection } from './matches/connection.ts';
import { netmap, translations } from './nat-targets.ts';
import type { Question } from './question.ts';
import { splitCourse } from './split-course.ts';
import { whichPacket } from './which-packet.ts';

export type Verdict = 'accept' | 'drop' | 'reject' | 'unknown';

/** A course that has left a table's chains for good; its last step says why. */
export interface Ended {
  readonly course: Course;
  readonly verdict: Verdict;
}

export interface Applied {
  /** To the next rule. */
  readonly goOn: readonly Course[];
  readonly ended: readonly Ended[];
  /** Out of the chain. */
  readonly returned: readonly Course[];
}

/** A rule in its place. */
export interface Located {
  readonly read: RulesetRule;
  readonly chain: string;
}

/** All targets but those that lead into chains. */
export function applyTarget(
  target: Exclude<Target, Jump>,
  matched: Matched,
  located: Located,
  scene: Scene,
  asker: Asker,
): Applied {
  const { course } = matched;
  const step = (effect: Effect, of: Course = course): Course => withStep(of, stepOf(effect, matched, located, scene));
  const goOn = (effect: Effect, of?: Course): Applied => ({
    goOn: [step(effect, of)],
    ended: [],
    returned: [],
  });
  const end = (verdict: Verdict, effect: Effect): Applied => ({
    goOn: [],
    ended: [{ course: step(effect), verdict }],
    returned: [],
  });
  switch (target.kind) {
    case 'none':
      return goOn({ kind: 'none' });
    case 'log':
    case 'nflog':
      return goOn({ kind: 'log' });
    case 'return':
      return { goOn: [], ended: [], returned: [step({ kind: 'return' })] };
    case 'accept':
    case 'drop':
      return end(target.kind, { kind: target.kind });
    case 'reject':
      return end('reject', { kind: 'reject', with: target.with });
    case 'mark': {
      const after = changedMark(course.mark, target);
      return goOn({ kind: 'mark', before: course.mark, after }, { ...course, mark: after });
    }
    case 'connmark':
      return changeConnmark(target, course, goOn);
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return applyNat(target, matched, located, scene, asker);
    case 'opaque':
      return applyOpaque(target, matched, located, scene, asker);
  }
}

export function stepOf(effect: Effect, matched: Matched, { read, chain }: Located, { hook, table }: Scene): Step {
  return { hook, table, chain, rule: read, effect, chance: matched.chance, conditions: matched.conditions };
}

function changedMark(mark: number, { value, mask }: Pick<MarkTarget, 'value' | 'mask'>): number {
  return ((mark & ~mask) ^ value) >>> 0;
}

/** connmark_tg (xt_connmark.c). */
function changeConnmark(
  { change }: ConnmarkTarget,
  course: Course,
  goOn: (effect: Effect, of?: Course) => Applied,
): Applied {
  const { mark, connection } = course;
  if (!hasConnection(connection)) return goOn({ kind: 'none' });
  if (change.kind === 'restore') {
    const after = ((mark & ~change.packetMask) ^ (connection.mark & change.connectionMask)) >>> 0;
    return goOn({ kind: 'mark', before: mark, after }, { ...course, mark: after });
  }
  const after =
    change.kind === 'set'
      ? changedMark(connection.mark, change)
      : ((connection.mark & ~change.connectionMask) ^ (mark & change.packetMask)) >>> 0;
  const effect: Effect = { kind: 'connmark', before: connection.mark, after };
  return goOn(effect, { ...course, connection: { ...connection, mark: after } });
}

/** Where the kernel lets a target be (struct xt_target's hooks). */
const HOOKS: Readonly<Record<Translation['kind'], readonly string[]>> = {
  dnat: ['PREROUTING', 'OUTPUT'],
  redirect: ['PREROUTING', 'OUTPUT'],
  snat: ['POSTROUTING', 'INPUT'],
  masquerade: ['POSTROUTING'],
};

function applyNat(
  target: NatTarget | MasqueradeTarget,
  matched: Matched,
  located: Located,
  scene: Scene,
  asker: Asker,
): Applied {
  const isInPlace = scene.table === 'nat' && HOOKS[target.kind].includes(scene.hook);
  const choices = isInPlace ? translations(target, scene, located.read) : undefined;
  if (choices === undefined || choices.length === 0) {
    const effect: Effect = { kind: 'unknown', name: target.kind.toUpperCase(), goesOn: false };
    return {
      goOn: [],
      ended: [{ course: withStep(matched.course, stepOf(effect, matched, located, scene)), verdict: 'unknown' }],
      returned: [],
    };
  }
  const ended: Ended[] = [];
  let rest: Course | undefined = matched.course;
  for (const [i, choice] of choices.entries()) {
    if (rest === undefined) break;
    const isLast = i === choices.length - 1;
    const part: Chosen = isLast ? { chosen: rest, others: undefined } : choose(rest, choice, located, scene, asker);
    const { chosen } = part;
    rest = part.others;
    if (chosen === undefined) continue;
    const { kind, address, port } = choice;
    const translated = translate(chosen, choice);
    ended.push({
      course: withStep(translated, stepOf({ kind, address, port }, matched, located, scene)),
      verdict: 'accept',
    });
  }
  return { goOn: [], ended, returned: [] };
}

interface Chosen {
  readonly chosen: Course | undefined;
  readonly others: Course | undefined;
}

function choose(
  course: Course,
  { address, port }: Translation,
  { read, chain }: Located,
  { table }: Scene,
  asker: Asker,
): Chosen {
  const text = endpointText(address, port);
  const question: Question = {
    kind: 'nat-choice',
    key: `nat-choice ${read.line} ${text}`,
    subject: text,
    yes: `the kernel chooses ${text}`,
    no: `the kernel does not choose ${text}`,
    place: { table, chain, line: read.line, text: read.rule.text },
  };
  const [chosen, others] = splitCourse(course, question, asker);
  return { chosen, others };
}

/** The packet as NAT makes it. */
function translate(course: Course, nat: Translation): Course {
  const { header, connection } = course;
  if (nat.kind === 'dnat' || nat.kind === 'redirect') {
    return {
      ...course,
      header: { ...header, destination: nat.address, destinationPort: nat.port ?? header.destinationPort },
      connection: { ...connection, destinationNat: nat },
    };
  }
  return {
    ...course,
    header: { ...header, source: nat.address, sourcePort: nat.port ?? header.sourcePort },
    connection: { ...connection, sourceNat: nat },
  };
}

/** They change, count or copy packets in ways that none of the matches here can see, and the packet goes on (XT_CONTINUE). */
const HARMLESS: ReadonlySet<string> = new Set(
  'AUDIT CHECKSUM CLASSIFY CONNSECMARK CT DSCP ECN HL IDLETIMER LED RATEEST SECMARK SET TCPMSS TCPOPTSTRIP TEE TOS TRACE TTL ULOG'.split(
    ' ',
  ),
);

function applyOpaque(target: OpaqueTarget, matched: Matched, located: Located, scene: Scene, asker: Asker): Applied {
  const { name, words } = target;
  const { course } = matched;
  const to = (effect: Effect, of: Course = course): Course => withStep(of, stepOf(effect, matched, located, scene));
  if (name === 'NOTRACK' || (name === 'CT' && words.includes('--notrack'))) {
    const connection: Course['connection'] = { ...course.connection, state: 'UNTRACKED' };
    return { goOn: [to({ kind: 'untracked' }, { ...course, connection })], ended: [], returned: [] };
  }
  const mapped = netmap(target, scene);
  if (mapped !== undefined) return applyNat(mapped, matched, located, scene, asker);
  const understood = located.read.rule.leftover.length === 0;
  if (understood && HARMLESS.has(name)) return { goOn: [to({ kind: 'other', name })], ended: [], returned: [] };
  // nf_reinject: what the program accepts has passed the table; the rules behind are not asked.
  if (name === 'NFQUEUE' || name === 'QUEUE') return queued(unknownTarget(name, matched, located, scene, asker));
  return unknownTarget(name, matched, located, scene, asker);
}

function queued({ goOn, ended, returned }: Applied): Applied {
  return { goOn: [], ended: [...goOn.map((course): Ended => ({ course, verdict: 'accept' })), ...ended], returned };
}

/** Both ways: the target lets the packet go on, or it decides, and what then becomes of the packet cannot be known. */
export function unknownTarget(name: string, matched: Matched, located: Located, scene: Scene, asker: Asker): Applied {
  const { course } = matched;
  const { read, chain } = located;
  const { key, text: of } = whichPacket(scene);
  const question: Question = {
    kind: 'target',
    key: `target ${scene.hook} ${scene.table} ${read.line} ${read.rule.text} ${key}`,
    hook: scene.hook,
    subject: name,
    yes: `${name} lets it go on${of}`,
    no: `${name} decides about it${of}`,
    place: { table: scene.table, chain, line: read.line, text: read.rule.text },
  };
  const [yes, no] = splitCourse(course, question, asker);
  const to = (part: Course, goesOn: boolean): Course =>
    withStep(part, stepOf({ kind: 'unknown', name, goesOn }, matched, located, scene));
  return {
    goOn: yes === undefined ? [] : [to(yes, true)],
    ended: no === undefined ? [] : [{ course: to(no, false), verdict: 'unknown' }],
    returned: [],
  };
}
