import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { excerptOfLine } from '../../diag/source-location.ts';
import type { ConntrackEntry, ConntrackTuple } from '../../ruleset/conntrack-entry.ts';

export interface ParsedConntrack {
  /** In the order of the listing. */
  readonly entries: readonly ConntrackEntry[];
  readonly diagnostics: readonly Diagnostic[];
}

/** `udp      17 29 src=...`; with -o extended, and in /proc/net/nf_conntrack, `ipv4     2 udp      17 29 src=...`. */
const HEAD = /^\s*(?:\[(?:NEW|UPDATE|DESTROY)\]\s+)?(?:ipv[46]\s+\d+\s+)?[a-z][\w-]*\s+(\d+)\s(.*)$/;
/** What conntrack says of itself: `conntrack v1.4.7 (conntrack-tools): 12 flow entries have been shown.` */
const TALK = /^\s*(?:#|conntrack v|$)/;
/** More messages about single lines than these help nobody. */
const MOST_TOLD = 20;

/**
 * Reads what `conntrack -L` prints, also with -o extended, and /proc/net/nf_conntrack. Total: lines that are none are told of, and
 * everything else is read.
 */
export function parseConntrack(text: string, { file = '<stdin>' }: { readonly file?: string } = {}): ParsedConntrack {
  const entries: ConntrackEntry[] = [];
  const bad: { readonly line: number; readonly text: string }[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (TALK.test(line)) continue;
    const entry = readEntry(line, i + 1);
    if (entry === undefined) bad.push({ line: i + 1, text: line });
    else entries.push(entry);
  }
  return { entries, diagnostics: problems(entries.length, bad, file) };
}

function readEntry(line: string, number: number): ConntrackEntry | undefined {
  const [, protocol, rest = ''] = HEAD.exec(line) ?? [];
  if (protocol === undefined || Number(protocol) > 255) return undefined;
  const fields = [...rest.matchAll(/\b(src|dst|sport|dport)=(\S+)/g)];
  const second = fields.findIndex(([, key], i) => i > 0 && key === 'src');
  const original = readTuple(second === -1 ? fields : fields.slice(0, second));
  // An entry that waits for an answer has its second half all the same.
  const reply = second === -1 ? undefined : readTuple(fields.slice(second));
  if (original === undefined || reply === undefined) return undefined;
  const state = /^\s*\d+\s+([A-Z_]+)\s/.exec(rest)?.[1] ?? /^\s*([A-Z][A-Z_]+)\s/.exec(rest)?.[1];
  return {
    protocol: Number(protocol),
    original,
    reply,
    state,
    unreplied: rest.includes('[UNREPLIED]'),
    line: number,
  };
}

function readTuple(fields: readonly RegExpExecArray[]): ConntrackTuple | undefined {
  const given = new Map(fields.map(([, key = '', value = '']) => [key, value]));
  const source = given.get('src');
  const destination = given.get('dst');
  if (source === undefined || destination === undefined) return undefined;
  return {
    source,
    destination,
    sourcePort: readPort(given.get('sport')),
    destinationPort: readPort(given.get('dport')),
  };
}

function readPort(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : undefined;
}

function problems(
  read: number,
  bad: readonly { readonly line: number; readonly text: string }[],
  file: string,
): readonly Diagnostic[] {
  if (bad.length === 0) return [];
  if (read === 0) {
    const [first] = bad;
    const location = first === undefined ? { file } : { file, line: first.line };
    const hint = 'conntrack -L > FILE, as root; without root, and with -o xml, it prints something else';
    return [diagnose('conntrack-unreadable', { message: 'no line is an entry of conntrack -L', location, hint })];
  }
  const told = bad.slice(0, MOST_TOLD).map(({ line, text }) =>
    diagnose('conntrack-bad-line', {
      message: 'this line is no entry of conntrack -L; it is passed over',
      location: { file, line, column: 1, excerpt: excerptOfLine(text, line, 1) },
    }),
  );
  const more = bad.length - told.length;
  if (more === 0) return told;
  return [
    ...told,
    diagnose('conntrack-bad-line', { message: `${more} more lines are no entries`, location: { file } }),
  ];
}
