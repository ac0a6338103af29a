/** What a line that is no plain rule is for the reader of a dump. */
export type DumpLine =
  | { readonly kind: 'blank' | 'comment' | 'commit' | 'elision' | 'note' | 'bad' }
  | { readonly kind: 'table'; readonly name: string }
  | { readonly kind: 'chain'; readonly name: string; readonly policy: string; readonly counters: string | undefined }
  | {
      readonly kind: 'rule';
      readonly chain: string;
      readonly text: string;
      readonly counters: string;
      /** What `-t` says. */
      readonly table?: string;
      /** The rule is of a command without `-t`. */
      readonly isDefault?: boolean;
    }
  | { readonly kind: 'command'; readonly table: string | undefined };

const TABLE = /^\*[ \t]*([a-z]+)$/;
const CHAIN = /^:(\S+)[ \t]+(\S+)(?:[ \t]+(\[\d+:\d+\]))?$/;
const RULE = /^(\[\d+:\d+\][ \t]+)?(?:-t[ \t]+([a-z]+)[ \t]+)?(-A[ \t]+([^\s-]\S*)(?:[ \t][^]*)?)$/;
/** What `iptables -S` prints for chains, with counters if `-v` was given too. */
const NEW_CHAIN = /^-N[ \t]+([^\s-]\S*)$/;
const POLICY = /^-P[ \t]+([^\s-]\S*)[ \t]+(\S+)(?:[ \t]+-c[ \t]+(\d+)[ \t]+(\d+))?$/;
const ELISION = /^(?:\[?(?:\.{2,}|…)\]?|<snip>|\[snip\])$/i;
/** `$ sudo iptables -t nat ...`, `node# iptables-save`: perhaps with a prompt, perhaps with a path. */
const COMMAND = /^(?:[^"]*[$#>%]\s)?\s*(?:sudo\s+)?(?:\/\S*\/)?ip6?tables(?:-nft|-legacy)?(-save)?(?:\s+([^]*))?$/;
/** Items and headings of notes begin with signs that lines of a dump begin with, and a blank. */
const ITEM = /^(?:[-*:[]\s|\[(?!\d+:\d+\]))/;

/** Tells what a line is, without blanks around it. */
export function classifyLine(content: string): DumpLine {
  if (content === '') return { kind: 'blank' };
  if (content === 'COMMIT') return { kind: 'commit' };
  const table = TABLE.exec(content)?.[1];
  if (table !== undefined) return { kind: 'table', name: table };
  const [, name, policy, counters] = CHAIN.exec(content) ?? [];
  if (name !== undefined && policy !== undefined) return { kind: 'chain', name, policy, counters };
  return ruleLine(content) ?? optionLine(content) ?? commandLine(content) ?? otherLine(content);
}

function ruleLine(content: string): DumpLine | undefined {
  const [, counters = '', table, text, chain] = RULE.exec(content) ?? [];
  if (text === undefined || chain === undefined) return undefined;
  return { kind: 'rule', chain, text, counters: counters.trimEnd(), ...(table === undefined ? {} : { table }) };
}

function optionLine(content: string): DumpLine | undefined {
  const created = NEW_CHAIN.exec(content)?.[1];
  if (created !== undefined) return { kind: 'chain', name: created, policy: '-', counters: undefined };
  const [, name, policy, packets, bytes] = POLICY.exec(content) ?? [];
  if (name === undefined || policy === undefined) return undefined;
  const counters = packets === undefined || bytes === undefined ? undefined : `[${packets}:${bytes}]`;
  return { kind: 'chain', name, policy, counters };
}

/** A command that prints rules, or one that makes a rule and is read as that rule. */
function commandLine(content: string): DumpLine | undefined {
  const found = COMMAND.exec(content);
  if (found === null) return undefined;
  const [, save, options = ''] = found;
  const table = /(?:^|\s)(?:-t|--table)[\s=]*([a-z]+)(?:\s|$)/.exec(options)?.[1];
  const rule = /(?:^|\s)(-[ANP]\s[^]*)$/.exec(options)?.[1];
  if (rule !== undefined) {
    const read = ruleLine(rule) ?? optionLine(rule);
    if (read?.kind === 'rule') return { ...read, table: table ?? 'filter', isDefault: table === undefined };
  }
  // iptables without -t means the table filter; iptables-save means all.
  return { kind: 'command', table: table ?? (save === undefined ? 'filter' : undefined) };
}

function otherLine(content: string): DumpLine {
  if (content.startsWith('#')) return { kind: 'comment' };
  if (ELISION.test(content)) return { kind: 'elision' };
  if (!/^[-*:[]/.test(content) || ITEM.test(content)) return { kind: 'note' };
  return { kind: 'bad' };
}
