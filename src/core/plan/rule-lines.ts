/** The lines of a chain's rules, without newlines. */
export function ruleLines(rules: string): readonly string[] {
  const lines = rules.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

export function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** What a rule jumps or goes to, a chain or an extension; undefined for a rule without target. */
export function targetOf(line: string): string | undefined {
  // A comment can hold `-j X` too.
  const bare = line.includes('"') ? line.replace(/"(?:[^"\\]|\\.)*"/g, '""') : line;
  return /.* -[jg] (\S+)/.exec(bare)?.[1];
}
