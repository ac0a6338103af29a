import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { excerptOf, type SourceLocation } from '../../diag/source-location.ts';
import type { SavedRules } from '../../ruleset/saved-rules.ts';
import type { ChainBuilder } from './chain-builder.ts';
import { TableBuilder } from './table-builder.ts';

export interface SplitOptions {
  /** The name of the dump in messages. Default: `<stdin>`. */
  readonly file?: string;
}

export interface SplitSave {
  readonly saved: SavedRules;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the structure of an iptables-save dump: tables, chains, and their rules as text. Rules are not looked into, which makes it fast:
 * a chain whose rules stand together is one slice of the dump. Total: whatever the text is, it gives what can be read and says the rest.
 */
export function splitSave(text: string, options: SplitOptions = {}): SplitSave {
  const reader = new SaveReader(text, options.file ?? '<stdin>');
  return reader.read();
}

const DASH = 45;
const UPPER_A = 65;
const BLANK = 32;
const RETURN = 13;

const CHAIN = /^:(\S+)[ \t]+(\S+)(?:[ \t]+(\[\d+:\d+\]))?$/;
const RULE = /^(?:(\[\d+:\d+\])[ \t]+)?(-A[ \t]+(\S+)(?:[ \t].*)?)$/;
const TABLE = /^\*[ \t]*([a-z]+)$/;

class SaveReader {
  readonly #text: string;
  readonly #file: string;
  readonly #tables = new Map<string, TableBuilder>();
  readonly #diagnostics: Diagnostic[] = [];
  #table: TableBuilder | undefined;
  #chain: ChainBuilder | undefined;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  read(): SplitSave {
    const text = this.#text;
    let line = 1;
    for (let at = 0; at < text.length; line++) {
      const newline = text.indexOf('\n', at);
      const end = newline === -1 ? text.length : newline + 1;
      if (newline === -1 || !this.#plainRule(at, newline, line)) this.#other(text.slice(at, end), line);
      at = end;
    }
    if (this.#table !== undefined) this.#truncated(this.#table, line - 1);
    return {
      saved: { tables: [...this.#tables.values()].map((table) => table.build()) },
      diagnostics: this.#diagnostics,
    };
  }

  /** By far the most lines: `-A CHAIN ...` as iptables-save writes it. */
  #plainRule(at: number, newline: number, line: number): boolean {
    const text = this.#text;
    if (text.charCodeAt(at) !== DASH || text.charCodeAt(at + 1) !== UPPER_A || text.charCodeAt(at + 2) !== BLANK) {
      return false;
    }
    if (this.#table === undefined || text.charCodeAt(newline - 1) === RETURN) return false;
    if (this.#chain === undefined || !text.startsWith(this.#chain.prefix, at)) {
      const blank = text.indexOf(' ', at + 3);
      const name = text.slice(at + 3, blank === -1 || blank > newline ? newline : blank);
      if (!/^[^\s-]\S*$/.test(name)) return false;
      this.#chain = this.#table.chain(name, line);
    }
    this.#chain.addRun(at, newline + 1, line);
    return true;
  }

  #other(raw: string, line: number): void {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) return;
    const table = TABLE.exec(content)?.[1];
    if (table !== undefined) {
      this.#open(table, line);
    } else if (content === 'COMMIT') {
      this.#table = undefined;
      this.#chain = undefined;
    } else if (
      this.#table === undefined ||
      !(this.#declare(this.#table, content, line) || this.#rule(this.#table, content, line))
    ) {
      this.#bad(content, line);
    }
  }

  #open(name: string, line: number): void {
    if (this.#table !== undefined) this.#truncated(this.#table, line - 1);
    const known = this.#tables.get(name);
    if (known !== undefined) {
      this.#say('dump-repeated-table', line, `the table ${name} began on line ${known.line} already`);
    }
    this.#table = known ?? new TableBuilder(name, this.#text, line);
    this.#chain = undefined;
    this.#tables.set(name, this.#table);
  }

  #declare(table: TableBuilder, content: string, line: number): boolean {
    const [, name, policy, counters] = CHAIN.exec(content) ?? [];
    if (name === undefined || policy === undefined) return false;
    const chain = table.chain(name, line);
    if (chain.declared) this.#say('dump-repeated-chain', line, `the chain ${table.name}/${name} is declared again`);
    chain.declare(policy, counters, line);
    return true;
  }

  #rule(table: TableBuilder, content: string, line: number): boolean {
    const [, counters = '', rule, name] = RULE.exec(content) ?? [];
    if (rule === undefined || name === undefined || name.startsWith('-')) return false;
    const chain = table.chain(name, line);
    chain.addRule(rule, counters, line);
    return true;
  }

  #bad(content: string, line: number): void {
    this.#say('dump-bad-line', line, `no line of an iptables-save dump: ${JSON.stringify(content.slice(0, 80))}`);
  }

  #truncated(table: TableBuilder, line: number): void {
    this.#say('dump-truncated', line, `the table ${table.name} has no COMMIT; the dump was cut behind line ${line}`);
  }

  #say(code: Diagnostic['code'], line: number, message: string): void {
    this.#diagnostics.push(diagnose(code, { message, location: this.#at(line) }));
  }

  #at(line: number): SourceLocation {
    return { file: this.#file, line, column: 1, excerpt: excerptOf(this.#text, line, 1) };
  }
}
