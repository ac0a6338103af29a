import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { excerptOfLine } from '../../diag/source-location.ts';
import type { IpSet, IpSetEntry } from '../../ruleset/ip-set.ts';
import { readEntry } from './read-entry.ts';

export interface ParsedIpSets {
  /** By name. Sets of which some line could not be read are left out: who is a member is not known then. */
  readonly sets: ReadonlyMap<string, IpSet>;
  readonly diagnostics: readonly Diagnostic[];
}

interface Line {
  readonly number: number;
  readonly text: string;
}

interface OpenSet {
  readonly set: Omit<IpSet, 'entries'>;
  readonly entries: IpSetEntry[];
}

/**
 * Reads what `ipset save` prints, its lines in any order; and what `ipset list` prints. Total: what cannot be read is told, and the sets
 * that it is about are left out.
 */
export function parseIpsetSave(text: string, options: { readonly file?: string } = {}): ParsedIpSets {
  const reader = new IpSetReader(options.file ?? '<stdin>');
  for (const [i, line] of text.split('\n').entries()) reader.read({ number: i + 1, text: line.replace(/\r$/, '') });
  return reader.finish();
}

class IpSetReader {
  readonly #file: string;
  readonly #sets = new Map<string, OpenSet>();
  readonly #adds: { readonly name: string; readonly words: readonly string[]; readonly line: Line }[] = [];
  readonly #broken = new Set<string>();
  readonly #diagnostics: Diagnostic[] = [];
  /** In a listing: the set that the lines are about. */
  #listed: { name: string; type: string; members: boolean } | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  read(line: Line): void {
    const content = line.text.trim();
    if (content === '' || content.startsWith('#') || content === 'COMMIT') return;
    const words = splitWords(content);
    const [command, name = '', type = '', ...rest] = words;
    if (command === 'create' || command === '-N') this.#create(name, type, rest);
    else if (command === 'add' || command === '-A') this.#adds.push({ name, words: words.slice(2), line });
    else this.#list(content, line);
  }

  #create(name: string, type: string, options: readonly string[]): void {
    const after = (option: string): string | undefined => options[options.indexOf(option) + 1];
    const has = (option: string): boolean => options.includes(option);
    const family = has('family') && after('family') === 'inet6' ? 'ipv6' : 'ipv4';
    const netmask = has('netmask') ? Number(after('netmask')) : undefined;
    this.#sets.set(name, {
      set: { name, type, family, netmask: Number.isInteger(netmask) ? netmask : undefined },
      entries: [],
    });
  }

  /** `Name: X`, `Type: hash:ip`, `Header: family inet ...`, `Members:` and one member per line. */
  #list(content: string, line: Line): void {
    const [, key, value = ''] =
      /^(Name|Type|Revision|Header|Size in memory|References|Number of entries|Members):\s*(.*)$/.exec(content) ?? [];
    if (key === 'Name') {
      this.#listed = { name: value, type: '', members: false };
    } else if (this.#listed !== undefined && key === 'Type') {
      this.#listed.type = value;
      this.#create(this.#listed.name, value, []);
    } else if (this.#listed !== undefined && key === 'Header') {
      this.#create(this.#listed.name, this.#listed.type, value.split(/\s+/));
    } else if (this.#listed !== undefined && key === 'Members') {
      this.#listed.members = true;
    } else if (this.#listed?.members === true && key === undefined) {
      this.#adds.push({ name: this.#listed.name, words: splitWords(content), line });
    } else if (key === undefined) {
      this.#bad(line, 'no line of ipset save or ipset list');
    }
  }

  #bad({ number, text }: Line, what: string): void {
    const location = { file: this.#file, line: number, column: 1, excerpt: excerptOfLine(text, number, 1) };
    this.#diagnostics.push(diagnose('set-bad-line', { message: what, location }));
  }

  finish(): ParsedIpSets {
    for (const { name, words, line } of this.#adds) {
      const open = this.#sets.get(name);
      const entry = open === undefined ? undefined : readEntry(words, open.set);
      if (entry !== undefined) {
        open?.entries.push(entry);
        continue;
      }
      this.#broken.add(name);
      this.#bad(
        line,
        open === undefined ? `nothing creates the set ${name}` : `no entry of a set of the type ${open.set.type}`,
      );
    }
    const sets = [...this.#sets].flatMap(([name, { set, entries }]): [string, IpSet][] =>
      this.#broken.has(name) ? [] : [[name, { ...set, entries }]],
    );
    return { sets: new Map(sets), diagnostics: this.#diagnostics };
  }
}

/** Words are kept apart by blanks; a name or a comment with blanks stands in quotes. */
function splitWords(content: string): readonly string[] {
  return [...content.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
