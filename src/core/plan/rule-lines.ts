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
  // Texts of people can hold `-j X` too. iptables-save quotes them, but for a single word: `--comment -j`.
  const quoteless = line.includes('"') ? line.replace(/"(?:[^"\\]|\\.)*"/g, '""') : line;
  const bare = /prefix|comment/.test(quoteless) ? quoteless.replace(TEXT_OPTION, '') : quoteless;
  return / (?:-[jg]|--jump|--goto) (\S+)/.exec(bare)?.[1];
}

const TEXT_OPTION = / --(?:comment|log-prefix|nflog-prefix|ulog-prefix) \S+/g;

/** The text of a rule's first comment, unquoted; undefined if it has none. */
export function commentOf(line: string): string | undefined {
  const at = line.indexOf(' --comment ');
  if (at < 0) return undefined;
  const start = at + ' --comment '.length;
  if (line.charCodeAt(start) !== QUOTE) {
    const end = line.indexOf(' ', start);
    return line.slice(start, end < 0 ? line.length : end);
  }
  for (let end = start + 1; end < line.length; end++) {
    const code = line.charCodeAt(end);
    if (code === BACKSLASH) end += 1;
    else if (code === QUOTE) return line.slice(start + 1, end).replace(/\\(.)/g, '$1');
  }
  return undefined;
}

const QUOTE = 34;
const BACKSLASH = 92;

/** What a rule says around its quoted texts: before the first quote and behind the last one. */
export function withoutQuoted(line: string): string {
  const first = line.indexOf('"');
  return first < 0 ? line : `${line.slice(0, first)}""${line.slice(line.lastIndexOf('"') + 1)}`;
}
