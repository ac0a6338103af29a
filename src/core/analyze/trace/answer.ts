import type { Course, HookName } from './course.ts';
import type { Address } from './address.ts';
import type { Assumptions } from './assumptions.ts';
import type { Question } from './question.ts';
import type { Share } from './share.ts';

/** What a condition says to a packet: yes, no, sometimes, or that it depends on what is not known. */
export type Answer = boolean | Chance | Asked;

export interface Chance {
  readonly kind: 'chance';
  readonly share: Share;
}

/** `negated`: the condition holds where the answer is no. */
export interface Asked {
  readonly kind: 'asked';
  readonly question: Omit<Question, 'place'>;
  readonly negated: boolean;
}

/** Where a rule is asked. */
export interface Scene {
  readonly hook: HookName;
  readonly table: string;
  /** `undefined` means not known; '' that a packet has none here. */
  readonly inInterface: string | undefined;
  readonly outInterface: string | undefined;
  /** Where the packet was sent from, if this node made it: surely an address of the node. */
  readonly sentFrom: Address | undefined;
  /** Nobody has said the client's port: `DEFAULT_SOURCE_PORT` stands for it. */
  readonly assumedSourcePort: boolean;
  readonly assumptions: Assumptions;
  readonly course: Course;
}

export function ask(question: Omit<Question, 'place'>, negated: boolean = false): Asked {
  return { kind: 'asked', question, negated };
}

export function negate(answer: Answer, negated: boolean): Answer {
  if (!negated) return answer;
  if (typeof answer === 'boolean') return !answer;
  if (answer.kind === 'asked') return { ...answer, negated: !answer.negated };
  const { units, bits, divisor } = answer.share;
  return { kind: 'chance', share: { units: (divisor << BigInt(bits)) - units, bits, divisor } };
}
