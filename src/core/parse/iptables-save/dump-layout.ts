import type { RulesetRule } from '../../ruleset/ruleset.ts';

/** Finds the places of lines in a text. */
export class LineIndex {
  readonly #text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  /** The offset at which a line (from 1) begins. */
  start(line: number): number {
    return this.#starts[line - 1] ?? this.#text.length;
  }

  /** A line with its end. */
  line(line: number): string {
    return this.#text.slice(this.start(line), this.start(line + 1));
  }
}

/** Takes a dump apart at its rules. */
export function dumpLayout(
  text: string,
  lines: LineIndex,
  rules: readonly RulesetRule[],
): readonly (string | RulesetRule)[] {
  const parts: (string | RulesetRule)[] = [];
  let done = 0;
  for (const rule of rules.toSorted((a, b) => a.line - b.line)) {
    const at = text.indexOf(rule.rule.text, lines.start(rule.line));
    if (at > done) parts.push(text.slice(done, at));
    parts.push(rule);
    done = at + rule.rule.text.length;
  }
  if (done < text.length) parts.push(text.slice(done));
  return parts;
}
