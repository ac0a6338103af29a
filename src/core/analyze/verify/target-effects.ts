import type { ConnmarkTarget, MarkTarget } from '../../ruleset/target.ts';
import { endedBy, unknownAt, type Ended, type Entry, type PacketState } from './packet-state.ts';
import type { RuleProgram } from './rule-program.ts';
import type { RunOptions } from './run-options.ts';
import { sourceText } from './translation.ts';
import type { View } from './view.ts';
import type { Workspace } from './workspace.ts';

/** Targets that neither end a packet's way nor change anything that a rule here can ask for. */
export const HARMLESS: ReadonlySet<string> = new Set([
  'TCPMSS',
  'CHECKSUM',
  'CLASSIFY',
  'TRACE',
  'AUDIT',
  'SECMARK',
  'CONNSECMARK',
  'LED',
  'TEE',
  'IDLETIMER',
  'RATEEST',
  'DSCP',
  'TOS',
  'TTL',
  'HL',
  'ECN',
]);

/** What targets do to packets: their marks, addresses, and who decided. */
export class TargetEffects {
  readonly #work: Workspace;
  readonly #options: RunOptions;

  constructor(work: Workspace, options: RunOptions) {
    this.#work = work;
    this.#options = options;
  }

  /** An ACCEPT in nat keeps a packet's addresses for good, and one in filter hides the rules behind it. */
  accepted({ table, owner }: RuleProgram, entry: Entry, { hook }: View): Entry {
    const isKept = owner === 'other' || this.#options.without === 'other';
    if (table === 'filter' && isKept) return { ...entry, state: { ...entry.state, passedBy: owner } };
    if (table !== 'nat') return entry;
    if (hook === 'first') return { ...entry, state: { ...entry.state, natOwner: owner } };
    return { ...entry, state: { ...entry.state, sourceOwner: owner } };
  }

  marked(rule: RuleProgram, target: MarkTarget | ConnmarkTarget, state: PacketState): PacketState {
    const { marks } = this.#work;
    if (target.kind === 'mark') {
      const touched = (target.value | target.mask) & ~this.#options.ownBits;
      const stray = state.stray || (rule.owner === 'kube' && touched !== 0);
      return { ...state, stray, mark: marks.set(state.mark, target.value, target.mask) };
    }
    const { change } = target;
    if (change.kind === 'set') return { ...state, connmark: marks.set(state.connmark, change.value, change.mask) };
    if (change.kind === 'save') {
      return { ...state, connmark: marks.copy(state.mark, change.packetMask, state.connmark, change.connectionMask) };
    }
    return { ...state, mark: marks.copy(state.connmark, change.connectionMask, state.mark, change.packetMask) };
  }

  translated(rule: RuleProgram, entry: Entry, { hook }: View): Ended {
    const { target, owner } = rule;
    if (rule.table !== 'nat') return unknownAt(rule, entry);
    if (target.kind === 'dnat' || target.kind === 'redirect') {
      if (hook !== 'first') return unknownAt(rule, entry);
      const state: PacketState = { ...entry.state, translation: this.#work.translation(rule), natOwner: owner };
      return endedBy({ ...entry, state }, 'accept', rule);
    }
    const allowed = hook === 'POSTROUTING' || (hook === 'INPUT' && target.kind === 'snat');
    if (!allowed || (target.kind !== 'snat' && target.kind !== 'masquerade')) return unknownAt(rule, entry);
    const state: PacketState = { ...entry.state, source: sourceText(target), sourceOwner: owner };
    return endedBy({ ...entry, state }, 'accept', rule);
  }
}
