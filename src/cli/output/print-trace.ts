import type { Step } from '../../core/analyze/trace/course.ts';
import { choicesOf, choiceText } from '../../core/analyze/trace/decisions.ts';
import { explainStep } from '../../core/analyze/trace/explain-step.ts';
import { commentOf } from '../../core/analyze/trace/service-comment.ts';
import type { Question } from '../../core/analyze/trace/question.ts';
import type { Trace } from '../../core/analyze/trace/trace.ts';
import type { Rule } from '../../core/ruleset/rule.ts';
import type { Paint } from './colors.ts';
import { bareRule, costText, endText, groupText, linesText, openTexts, weightText } from './outcome-texts.ts';
import { plainText } from './plain-text.ts';
import { groupOutcomes, ownSteps, type GroupedOutcomes, type OutcomeGroup } from './trace-groups.ts';
import { assumptionText, flagFor } from './trace-texts.ts';

export interface PrintTraceOptions {
  /** What is traced, in one line. */
  readonly title: string;
  /** A sentence below each rule. */
  readonly explain: boolean;
  /** Nothing cut, and policies too. */
  readonly verbose: boolean;
  readonly paint: Paint;
  /** Names for endpoints, `pod/web-1` ..., by address. */
  readonly names?: ReadonlyMap<string, string>;
}

/** So many endpoints of one choice are listed. */
const SHOWN = 12;

/** And so many rules on a part of the way. */
const MOST_STEPS = 500;

/** A trace for people: the rules of the common way, then the choices, what all of them go through afterwards, and the end. */
export function printTrace(trace: Trace, options: PrintTraceOptions): string {
  return new TracePrinter(trace, options).print();
}

class TracePrinter {
  readonly #trace: Trace;
  readonly #options: PrintTraceOptions;
  readonly #lines: string[] = [];
  readonly #width: number;
  #hook = '';

  constructor(trace: Trace, options: PrintTraceOptions) {
    this.#trace = trace;
    this.#options = options;
    const numbers = trace.outcomes.slice(0, 100).flatMap(({ steps }) => steps.map(({ rule }) => rule?.line ?? 0));
    this.#width = String(Math.max(0, ...numbers)).length;
  }

  print(): string {
    const { outcomes } = this.#trace;
    this.#say(this.#options.paint.strong(plainText(this.#options.title)));
    if (outcomes.length === 0) this.#say('', 'It gets no reply: the packet does not arrive.');
    const grouped = groupOutcomes(outcomes);
    this.#steps(grouped.before);
    this.#decisions();
    for (const group of grouped.groups) this.#group(group, grouped);
    this.#footer();
    return this.#lines.map((line) => `${line}\n`).join('');
  }

  #say(...lines: readonly string[]): void {
    this.#lines.push(...lines);
  }

  #decisions(): void {
    const choices = choicesOf(this.#trace.outcomes).filter(({ endpoints }) => endpoints > 0);
    if (choices.length === 0) return;
    this.#say('');
    for (const choice of choices) this.#say(plainText(choiceText(choice)));
  }

  #group(group: OutcomeGroup, { before, groups }: GroupedOutcomes): void {
    const { outcomes, after } = group;
    const isOnly = groups.length === 1 && outcomes.length === 1;
    if (!isOnly) this.#choices(group, before);
    // A single outcome shows its own steps in full; several differ in lines that stand behind each.
    const [only, ...more] = outcomes;
    if (only !== undefined && more.length === 0) this.#steps(ownSteps(only, before, after));
    this.#steps(after);
    this.#end(group);
  }

  #choices({ outcomes, after }: OutcomeGroup, before: readonly Step[]): void {
    const { verbose, paint } = this.#options;
    const { open } = this.#trace;
    const shown = verbose ? outcomes : outcomes.slice(0, SHOWN);
    const rows = shown.map((outcome) => ({
      share: plainText(weightText(outcome.weight, open)),
      end: plainText(endText(outcome, this.#options.names)),
      lines: outcomes.length === 1 ? '' : linesText(ownSteps(outcome, before, after)),
    }));
    const widest = (texts: readonly string[]): number => texts.reduce((most, text) => Math.max(most, text.length), 0);
    const widths = [widest(rows.map(({ share }) => share)), widest(rows.map(({ end }) => end))];
    this.#say('');
    for (const { share, end, lines } of rows) {
      const row = `${share.padStart(widths[0] ?? 0)}  ${end.padEnd(widths[1] ?? 0)}  ${paint.faint(lines)}`;
      this.#say(row.trimEnd());
    }
    const rest = outcomes.length - shown.length;
    if (rest > 0) this.#say(paint.faint(`... and ${rest} more (-v shows all)`));
    this.#hook = '';
  }

  #end({ outcomes }: OutcomeGroup): void {
    const { paint } = this.#options;
    this.#say(`${paint.strong(`=> ${groupText(outcomes)}`)}  ${paint.faint(`(${costText(outcomes)})`)}`);
  }

  #steps(steps: readonly Step[]): void {
    // Only rules that call one another in circles of circles get there.
    const shown = this.#options.verbose ? steps : steps.slice(0, MOST_STEPS);
    for (const step of shown) {
      if (step.effect.kind === 'policy' && step.effect.policy === 'ACCEPT' && !this.#options.verbose) continue;
      if (step.hook !== this.#hook) {
        this.#hook = step.hook;
        this.#say('', step.hook);
      }
      this.#step(step);
    }
    if (steps.length > shown.length) this.#say(`  ... and ${steps.length - shown.length} more (-v shows all)`);
  }

  #step(step: Step): void {
    const { table, chain, rule, effect } = step;
    const { explain, paint } = this.#options;
    const number = (rule === undefined ? '' : String(rule.line)).padStart(this.#width);
    const what = rule === undefined ? explainStep(step) : ruleText(rule.rule, paint);
    const isConntrack = (effect.kind === 'source' || effect.kind === 'destination') && table !== 'ipvs';
    this.#say(`  ${number}  ${isConntrack ? '' : `${plainText(`${table} ${chain}`)}: `}${what}`);
    if (explain && rule !== undefined)
      this.#say(`  ${' '.repeat(this.#width)}    ${paint.faint(plainText(explainStep(step)))}`);
  }

  #footer(): void {
    const { assumptions, open, gaveUp } = this.#trace;
    if (assumptions.length > 0) this.#say('', 'Assumed, since rules alone do not say it:', ...this.#assumed());
    if (open.length > 0) {
      const about = openTexts(open).map(({ text, question }) => this.#about(text, question));
      this.#say('', 'Not known, so both ways were followed:', ...this.#cut(about));
    }
    if (gaveUp)
      this.#say(
        '',
        'There are too many ways through the rules to follow all: chains call one another so often, or so much of what they ask is not known.',
      );
  }

  /** All addresses in one line. */
  #assumed(): readonly string[] {
    const { assumptions } = this.#trace;
    const foreign = assumptions.filter(({ question, answer }) => question.kind === 'local' && !answer);
    const others = assumptions.filter((made) => !foreign.includes(made));
    const lines = this.#cut(others.map((made) => this.#about(assumptionText(made), made.question)));
    const [first, ...more] = foreign;
    if (first === undefined) return lines;
    if (more.length === 0) return [...lines, this.#about(assumptionText(first), first.question)];
    const addresses = this.#cut(
      foreign.map(({ question }) => question.subject),
      4,
    ).map((text) => text.trim());
    return [...lines, `  none of these is an address of the node: ${addresses.join(', ')} (--local-ip)`];
  }

  #about(text: string, question: Question): string {
    const flag = flagFor(question);
    const line = question.place === undefined ? '' : `, line ${question.place.line}`;
    return `  ${plainText(text)}${flag === undefined ? '' : ` (${flag})`}${line}`;
  }

  #cut(lines: readonly string[], most: number = SHOWN): readonly string[] {
    const rest = lines.length - most;
    if (this.#options.verbose || rest <= 0) return lines;
    return [...lines.slice(0, most), `  ... and ${rest} more (-v shows all)`];
  }
}

function ruleText(rule: Rule, paint: Paint): string {
  const comment = commentOf(rule);
  const note = comment === undefined ? '' : paint.faint(`  # ${plainText(comment)}`);
  return `${plainText(bareRule(rule))}${note}`;
}
