import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { excerptOfLine } from '../../diag/source-location.ts';
import type { IpSet, IpSetEntry } from '../../ruleset/ip-set.ts';
import { readEntry } from '../../ruleset/read-set-entry.ts';

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

/** Lines of a listing that say something that is needed: where they stand alone, lines are missing. */
const NEEDED: ReadonlySet<string> = new Set(['Name', 'Type', 'Header', 'Members']);

/** IPSET_MAXNAMELEN (linux/netfilter/ipset/ip_set.h) without the final NUL. */
const SET_NAME = /^[^"\n\r]{1,31}$/;
const SET_TYPE = /^(?:hash|bitmap|list):[a-z,]+$/;

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
    const [command, quoted = '', type = '', ...rest] = words;
    const name = unquoted(quoted);
    if (command === 'create' || command === '-N') {
      if (!SET_NAME.test(name) || !SET_TYPE.test(type)) this.#bad(line, 'a set without a name or a type');
      else this.#create(name, type, rest);
    } else if (command === 'add' || command === '-A') {
      this.#adds.push({ name, words: elementFirst(words.slice(2)), line });
    } else this.#list(content, line);
  }

  #create(name: string, type: string, options: readonly string[]): void {
    const after = (option: string): string | undefined => options[options.indexOf(option) + 1];
    const has = (option: string): boolean => options.includes(option);
    const family = has('family') && after('family') === 'inet6' ? 'ipv6' : 'ipv4';
    const netmask = has('netmask') ? Number(after('netmask')) : undefined;
    this.#sets.set(name, {
      set: { name, type, family, netmask: Number.isInteger(netmask) ? netmask : undefined, header: options },
      entries: [],
    });
  }

  /** `Name: X`, `Type: hash:ip`, `Header: family inet ...`, `Members:` and one member per line. */
  #list(content: string, line: Line): void {
    const [, key, value = ''] =
      /^(Name|Type|Revision|Header|Size in memory|References|Number of entries|Members):\s*(.*)$/.exec(content) ?? [];
    if (key === 'Name' && SET_NAME.test(value)) {
      this.#listed = { name: value, type: '', members: false };
    } else if (key === 'Type' && this.#listed !== undefined && SET_TYPE.test(value)) {
      this.#listed.type = value;
      this.#create(this.#listed.name, value, []);
    } else if (key === 'Header' && this.#listed !== undefined && this.#listed.type !== '') {
      const { name, type } = this.#listed;
      this.#create(name, type, value === '' ? [] : value.split(/\s+/));
    } else if (key === 'Members' && this.#listed !== undefined && this.#listed.type !== '') {
      this.#listed.members = true;
    } else if (this.#listed?.members === true && key === undefined) {
      this.#adds.push({ name: this.#listed.name, words: elementFirst(splitWords(content)), line });
    } else if (key === undefined || NEEDED.has(key)) {
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

/**
 * Words are kept apart by blanks; one with blanks, as in a comment, stands in quotes and keeps them. A backslash is a character like any
 * other (ipset v7.17: a comment that ends in one is saved and restored as `"a\"`, and none can hold a quote).
 */
function splitWords(content: string): readonly string[] {
  return [...content.matchAll(/"[^"]*"|\S+/g)].map(([word]) => word);
}

function unquoted(word: string): string {
  return word.length > 1 && word.startsWith('"') && word.endsWith('"') ? word.slice(1, -1) : word;
}

/** The name of a set can be an element; options behind it are kept as they are. */
function elementFirst([element = '', ...options]: readonly string[]): readonly string[] {
  return [unquoted(element), ...options];
}
