import { TooHard } from './node-table.ts';
import type { RuleProgram } from './rule-program.ts';

/** Packets get to a rule in too many states: each combination of marks and lists that rules before it make is one. */
export class TooManyWays extends TooHard {
  override readonly name = 'TooManyWays';
  /** Those that part the ways, or else the one to which they lead. */
  readonly rules: readonly RuleProgram[];

  constructor(most: number, rules: readonly RuleProgram[]) {
    super(`more than ${most} ways to a rule`);
    this.rules = rules;
  }
}
