// Which faults each call of an apply has to survive.
import type { Scene } from './fault-scene.ts';
import { isDeadly, type Fault } from './fault-tools.ts';
import type { Outcome, Recording } from './fault-trial.ts';

export interface Trial {
  readonly scene: Scene;
  readonly call: string;
  readonly fault: Fault;
}

const ANYWHERE: readonly Fault[] = ['exit', 'exit-late', 'empty', 'kill', 'kill-late'];
/** What nsenter says of them is the same for all kinds of iptables. */
const OF_THE_SYSTEM: readonly Fault[] = ['missing', 'forbidden'];
const HANGING: readonly Fault[] = ['hang', 'hang-late'];
const IN_OUTPUT: readonly Fault[] = ['cut', 'noise', 'listing'];
const IN_INPUT: readonly Fault[] = ['half-input', 'first-table'];
/** Of chainsmith itself; at all other calls as well in `killed-apply.test.ts`. */
const IN_COMMIT: readonly Fault[] = ['signal-KILL', 'signal-late-KILL', 'orphan', 'orphan-first-table'];
const INTERRUPTS: readonly (readonly [Fault, Fault])[] = [
  ['signal-INT', 'signal-late-TERM'],
  ['signal-TERM', 'signal-late-HUP'],
  ['signal-HUP', 'signal-late-INT'],
];
/** Of what is asked only to warn. */
const OF_A_WARNING: readonly Fault[] = ['exit', 'empty', 'noise', 'hang', 'signal-INT'];
/** On a node without rules there is less to lose: what commits has to survive all, everything else the commonest. */
const ON_FRESH: ReadonlySet<Fault> = new Set(['exit', 'exit-late', 'signal-INT', 'signal-late-INT']);

/**
 * All of them, sorted by call. `nsenter` is what every other call goes through: there one fault of each call is enough. Programs that know
 * nothing of kinds of iptables are tried with one kind.
 */
export function trialsOf({ scene, calls }: Recording): readonly Trial[] {
  return calls.flatMap((call, i) => faultsOf(scene, call, i).map((fault): Trial => ({ scene, call, fault })));
}

function faultsOf(scene: Scene, call: string, index: number): readonly Fault[] {
  const { variant, before, many } = scene;
  // All else is the same as with few Services.
  if (many === true && !/^iptables-legacy-restore(?!.*(?:--test|--version))/.test(call)) return [];
  const isFull = variant === 'nft' && before === 'loaded';
  if (call.startsWith('nsenter')) return isFull ? ['exit'] : [];
  if (variant === 'legacy' && before === 'loaded' && !/^ip6?tables/.test(call)) return [];
  const reads = writesRules(call) && !isVersion(call);
  const commits = reads && !call.includes('--test');
  const faults = [
    ...ANYWHERE,
    ...(isFull || many === true ? OF_THE_SYSTEM : []),
    ...HANGING,
    ...(isRead(call) ? IN_OUTPUT : []),
    ...(reads ? IN_INPUT : []),
    ...(commits ? IN_COMMIT : []),
    ...(INTERRUPTS[index % INTERRUPTS.length] ?? []),
  ];
  if (isAboutOther(scene, call)) return before === 'loaded' ? OF_A_WARNING : [];
  return before === 'loaded' || commits ? faults : faults.filter((fault) => ON_FRESH.has(fault));
}

function writesRules(call: string): boolean {
  return call.includes('-restore');
}

function isVersion(call: string): boolean {
  return call.includes('--version');
}

/** Whether chainsmith looks at what the call prints. */
function isRead(call: string): boolean {
  return /^(?:ip6?tables-\w+-save|cat|nfacct_list)/.test(call) || isVersion(call);
}

export function isHanging({ fault }: Trial): boolean {
  return HANGING.includes(fault);
}

/** What has to come of it. Anything that fails leaves the old rules, unless it is a question that has an answer without it. */
export function expectedOutcomes({ scene, call, fault }: Trial): readonly Outcome[] {
  if (isDeadly(fault)) return ['killed'];
  if (fault.startsWith('signal-')) return ['old', 'new'];
  // Whether the test can run beside the restore: if not, it runs before it.
  if (isVersion(call)) return ['new'];
  // A test that says yes to everything: the rules are good, so nothing is lost.
  if (fault === 'empty' && call.includes('--test')) return ['new'];
  // Of the objects that new rules count with, none is there yet: an empty list says so too.
  if (fault === 'empty' && call.startsWith('nfacct_list')) return ['new'];
  // Whether the other kind of iptables has rules too is asked only to warn.
  if (isAboutOther(scene, call) && (fault === 'empty' || IN_OUTPUT.includes(fault))) return ['old', 'new'];
  return ['old'];
}

function isAboutOther({ variant }: Scene, call: string): boolean {
  return variant === 'nft' ? /^cat__proc_net_ip6?_tables_names/.test(call) : /^ip6?tables-nft-save/.test(call);
}
