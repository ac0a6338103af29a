/**
 * A reader of iptables-save text for the golden tests. It shares no code with the compiler, and knows only what iptables-save itself
 * prints: tables, chain lines, `-A` lines. Anything else is an error, never skipped.
 */
export interface RulesChain {
  readonly name: string;
  /** `ACCEPT`, or `-` for a chain that is not built in. */
  readonly policy: string;
  /** Each rule's words after `-A CHAIN`, quotes removed. */
  readonly rules: readonly (readonly string[])[];
  /** The same rules as they stand in the text. */
  readonly lines: readonly string[];
}

export type RulesTables = ReadonlyMap<string, ReadonlyMap<string, RulesChain>>;

interface OpenChain extends RulesChain {
  readonly rules: (readonly string[])[];
  readonly lines: string[];
}

/** Splits a line as iptables-restore does: blanks separate, double quotes group, a backslash inside them takes the next character. */
export function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  const pattern = /"((?:[^"\\]|\\.)*)"(?=\s|$)|([^\s"]+)(?=\s|$)|\s+/gsuy;
  while (pattern.lastIndex < line.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(line);
    if (match === null) throw new Error(`cannot split at column ${at + 1}: ${line}`);
    const [, quoted, plain] = match;
    if (quoted !== undefined) words.push(quoted.replaceAll(/\\(.)/gsu, '$1'));
    else if (plain !== undefined) words.push(plain);
  }
  return words;
}

export function readRules(text: string): RulesTables {
  const tables = new Map<string, Map<string, OpenChain>>();
  let table: Map<string, OpenChain> | undefined;
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line has no end');
  for (const line of lines) {
    if (line.startsWith('#')) continue;
    if (/^\*[a-z]+$/u.test(line)) {
      if (table !== undefined || tables.has(line.slice(1))) throw new Error(`unexpected ${line}`);
      table = new Map();
      tables.set(line.slice(1), table);
      continue;
    }
    if (table === undefined) throw new Error(`outside of a table: ${JSON.stringify(line)}`);
    if (line === 'COMMIT') table = undefined;
    else if (line.startsWith(':')) addChain(table, line);
    else addRule(table, line);
  }
  if (table !== undefined) throw new Error('COMMIT is missing');
  return tables;
}

function addChain(table: Map<string, OpenChain>, line: string): void {
  const [, name = '', policy = ''] = /^:(\S+) (ACCEPT|DROP|-) \[0:0\]$/u.exec(line) ?? [];
  if (name === '') throw new Error(`no chain line: ${JSON.stringify(line)}`);
  if (table.has(name)) throw new Error(`the chain ${name} is declared twice`);
  table.set(name, { name, policy, rules: [], lines: [] });
}

function addRule(table: Map<string, OpenChain>, line: string): void {
  const [flag, name = '', ...words] = splitWords(line);
  const chain = table.get(name);
  if (flag !== '-A' || chain === undefined) throw new Error(`no rule of a declared chain: ${JSON.stringify(line)}`);
  chain.rules.push(words);
  chain.lines.push(line);
}

/** The value after an option of a rule, such as the target after `-j`; undefined where the rule does not have it. */
export function wordAfter(rule: readonly string[], option: string): string | undefined {
  const at = rule.indexOf(option);
  return at === -1 ? undefined : rule[at + 1];
}
