import type { Diagnostic } from '../../diag/diagnostic.ts';
import type { SavedRules } from '../../ruleset/saved-rules.ts';
import type { ChainBuilder } from './chain-builder.ts';
import { classifyLine, type DumpLine } from './dump-line.ts';
import type { ExpectedPart, ExpectedRules } from './expected-rules.ts';
import type { Taken } from './expected-walk.ts';
import { LinesRead } from './lines-read.ts';
import { LooseLines, type LooseLine } from './loose-lines.ts';
import { chainOfRule, isPlainRule, readPlainChain, seemsChain } from './plain-lines.ts';
import { SaveReport, shortened, type TextLine } from './save-report.ts';
import { TableBuilder } from './table-builder.ts';
import { undeclaredChains } from './undeclared-chains.ts';
import { foreignFormat } from './wrong-format.ts';

/** A byte order mark, as editors of Windows write it. */
const MARK = '\uFEFF';

export interface SplitSave {
  readonly saved: SavedRules;
  readonly diagnostics: readonly Diagnostic[];
  /** Tables that iptables-nft-save leaves out, as they hold rules of nft that iptables has no words for. */
  readonly hiddenTables: readonly string[];
  /** There is nothing but comments and empty lines. */
  readonly isBlank: boolean;
}

/** Reads one dump line by line, in pieces as they come. */
export class SaveReader {
  readonly #report: SaveReport;
  readonly #expected: ExpectedRules;
  readonly #tables = new Map<string, TableBuilder>();
  readonly #loose = new LooseLines();
  readonly #lines = new LinesRead();
  readonly #hidden: string[] = [];
  #isBlank = true;
  /** Whole lines, and behind them the beginning of one that is not yet complete. */
  #text = '';
  /** Where in it the next line begins. */
  #at = 0;
  /** Of the next line, from 1. */
  #number = 1;
  /** The last line that is neither a plain rule nor a plain chain. */
  #line: TextLine = { text: '', number: 1 };
  #table: TableBuilder | undefined;
  /** Something was passed over among lines that stand in no table. */
  #hasLooseGap = false;
  #chain: ChainBuilder | undefined;

  /** @param expected makes reading faster where the dump has it, and nothing else: what is read is the same whatever is expected */
  constructor(file: string, expected: ExpectedRules = new Map()) {
    this.#report = new SaveReport(file);
    this.#expected = expected;
  }

  /** The next part of the dump; it may end anywhere. */
  push(piece: string): void {
    if (piece === '') return;
    const isFirst = this.#lines.isEmpty;
    this.#lines.add(piece);
    this.#chain?.endPiece();
    this.#text = this.#text.slice(this.#at) + piece;
    this.#at = isFirst && piece.startsWith(MARK) ? 1 : 0;
    this.#read();
  }

  /** All declarations, or all rules, that are expected of a table come next. False: they cannot be taken unread here, and must be pushed. */
  pass(table: string, part: ExpectedPart, text: () => string): boolean {
    if (this.#table?.name !== table || this.#at < this.#text.length) return false;
    const lines = this.#table.takeAll(part, this.#number);
    if (lines === undefined) return false;
    this.#switchTo(undefined);
    this.#lines.add(text);
    this.#number += lines;
    return true;
  }

  #read(): void {
    const text = this.#text;
    for (;;) {
      const at = this.#at;
      const newline = text.indexOf('\n', at);
      if (newline === -1) return;
      const number = this.#number;
      this.#at = newline + 1;
      this.#number = number + 1;
      if (!(this.#plainRule(at, newline, number) || this.#plainChain(at, newline, number))) {
        this.#line = { text: text.slice(at, newline + 1), number };
        this.#other(this.#line, false);
      }
    }
  }

  finish(): SplitSave {
    if (this.#at < this.#text.length) {
      this.#line = { text: this.#text.slice(this.#at), number: this.#number };
      this.#other(this.#line, true);
      this.#number += 1;
    }
    const last = this.#number - 1;
    this.#place();
    if (this.#table !== undefined)
      this.#truncated(this.#table, this.#line.number === last ? this.#line : undefined, last);
    const tables = [...this.#tables.values()].map((table) => table.build());
    for (const { line: at, message } of undeclaredChains(tables)) {
      this.#report.say('dump-undeclared-chain', { text: this.#lines.line(at), number: at }, message);
    }
    return {
      saved: { tables },
      diagnostics: this.#report.finish(tables.length > 0),
      hiddenTables: this.#hidden,
      isBlank: this.#isBlank,
    };
  }

  #plainRule(at: number, newline: number, line: number): boolean {
    const text = this.#text;
    if (this.#table === undefined || !isPlainRule(text, at, newline)) return false;
    if (this.#chain === undefined || !this.#chain.owns(text, at)) {
      if (this.#skip(this.#table.takeRules(text, at, line), at, line)) return true;
      const name = chainOfRule(text, at, newline);
      if (name === undefined) return false;
      this.#switchTo(this.#table.chain(name, line));
      this.#table.passRules(name);
    }
    this.#chain?.addRun(text, at, newline + 1, line);
    return true;
  }

  #plainChain(at: number, newline: number, number: number): boolean {
    const text = this.#text;
    if (this.#table === undefined || !seemsChain(text, at)) return false;
    if (this.#skip(this.#table.takeDeclarations(text, at, number), at, number)) return true;
    const read = readPlainChain(text, at, newline);
    if (read === undefined) return false;
    const chain = this.#table.chain(read.name, number);
    if (chain.declared) return false;
    chain.declare(read.policy, read.counters, number);
    this.#table.passDeclaration(read.name);
    return true;
  }

  /** Behind what was taken at once. */
  #skip(taken: Taken | undefined, at: number, number: number): boolean {
    if (taken === undefined) return false;
    this.#switchTo(undefined);
    this.#at = at + taken.length;
    this.#number = number + taken.lines;
    return true;
  }

  #other(line: TextLine, last: boolean): void {
    const content = line.text.trim();
    const read = classifyLine(content);
    if (read.kind !== 'blank' && read.kind !== 'comment') this.#isBlank = false;
    switch (read.kind) {
      case 'blank':
        return;
      case 'comment':
        this.#comment(content, line);
        return;
      case 'elision':
      case 'note':
      case 'bad':
        this.#foreign(read.kind, content, line);
        return;
      case 'table':
        this.#open(read.name, line);
        return;
      case 'commit':
        this.#place();
        this.#close();
        return;
      case 'command':
        this.#report.pass('dump-other-text', line);
        this.#place(read.table);
        this.#gap();
        return;
      case 'chain':
      case 'rule':
        // A last line without its newline may be half a rule: left out, and told with the COMMIT that is missing.
        if (!(last && this.#table !== undefined)) this.#item(read, line);
    }
  }

  /** A comment that says that something is missing. */
  #comment(content: string, line: TextLine): void {
    const table = /^# Table `([a-z]+)' is incompatible/.exec(content)?.[1];
    if (table !== undefined) {
      this.#hidden.push(table);
      this.#report.say('dump-incompatible-table', line, `the table ${table} is not in the dump`);
    }
    const format = foreignFormat(content);
    if (format !== undefined) this.#report.foreign(format, line);
  }

  #foreign(kind: 'elision' | 'note' | 'bad', content: string, line: TextLine): void {
    this.#gap();
    const quoted = /^>[ \t]?(.*)$/.exec(content)?.[1]?.trim();
    const read: DumpLine = quoted === undefined ? { kind: 'note' } : classifyLine(quoted);
    if (read.kind === 'rule' || read.kind === 'chain' || read.kind === 'table' || read.kind === 'commit') {
      this.#report.pass('dump-quoted', line);
      this.#other({ text: quoted ?? '', number: line.number }, false);
      return;
    }
    const format = foreignFormat(content);
    if (format !== undefined) this.#report.foreign(format, line);
    if (kind === 'elision') this.#report.pass('dump-elided', line);
    else if (kind === 'note' || format !== undefined) this.#report.pass('dump-other-text', line);
    else this.#report.say('dump-bad-line', line, `${shortened(content)} is neither a chain nor a rule`);
  }

  #open(name: string, line: TextLine): void {
    this.#place();
    if (this.#table !== undefined) this.#truncated(this.#table, undefined, line.number - 1);
    const known = this.#tables.get(name);
    if (known !== undefined) {
      this.#report.say('dump-repeated-table', line, `the table ${name} began on line ${known.line} already`);
      known.gap();
    }
    this.#table = this.#tableOf(name, line.number);
    this.#switchTo(undefined);
  }

  #tableOf(name: string, line: number): TableBuilder {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const table = new TableBuilder(name, line, this.#expected.get(name));
    this.#tables.set(name, table);
    return table;
  }

  /** So that no other chain has rules that lie in a piece and are not yet copied. */
  #switchTo(chain: ChainBuilder | undefined): void {
    this.#chain?.endPiece();
    this.#chain = chain;
  }

  #close(): void {
    this.#table = undefined;
    this.#switchTo(undefined);
  }

  #item(read: Extract<DumpLine, { readonly kind: 'chain' | 'rule' }>, line: TextLine): void {
    if (this.#table === undefined) {
      this.#loose.add({ ...read, line });
    } else if (read.kind === 'rule' && read.table !== undefined) {
      this.#report.say('dump-bad-line', line, `-t ${read.table} inside of the table ${this.#table.name}`);
      this.#gap();
    } else {
      this.#add(this.#table, { ...read, line });
    }
  }

  #add(table: TableBuilder, item: LooseLine): void {
    const { number } = item.line;
    if (item.kind === 'rule') {
      table.chain(item.chain, number).addRule(item.text, item.counters, number);
      return;
    }
    const chain = table.chain(item.name, number);
    if (chain.declared) {
      this.#report.say('dump-repeated-chain', item.line, `the chain ${table.name}/${item.name} is declared again`);
      table.gap();
    }
    chain.declare(item.policy, item.counters, number);
  }

  /** Gives the lines that stood behind no header to the tables that they seem to be of. */
  #place(next?: string): void {
    const told = new Set<string>();
    for (const { item, guess } of this.#loose.take(next)) {
      const table = this.#tableOf(guess.table, item.line.number);
      if (this.#hasLooseGap) table.gap();
      if (!told.has(guess.table)) {
        told.add(guess.table);
        const message = `lines without a table, from here on, are taken for the table ${guess.table}: ${guess.because}`;
        this.#report.say('dump-no-table', item.line, message);
      }
      this.#add(table, item);
    }
    this.#hasLooseGap = false;
  }

  /** Of the table that is being read; what stands between tables is missing in none of them. */
  #gap(): void {
    if (this.#table === undefined) this.#hasLooseGap = true;
    else this.#table.gap();
  }

  #truncated(table: TableBuilder, last: TextLine | undefined, number: number): void {
    table.gap();
    const line = last ?? { text: this.#lines.line(number), number };
    const cut = last !== undefined && last.number === number && !last.text.endsWith('\n');
    const where = cut ? `in line ${number}, which was left out` : `behind line ${number}`;
    this.#report.say('dump-truncated', line, `the table ${table.name} has no COMMIT: the dump was cut ${where}`, {
      hint: 'save it again, as a whole: iptables-save > FILE',
    });
  }
}
