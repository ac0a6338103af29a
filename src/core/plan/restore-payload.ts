// What iptables-restore --noflush --counters reads to carry out a plan. Chains that change are declared, which empties them, and filled
// again; a chain that goes is emptied first, so that nothing refers to another one that goes.
import { compareStrings } from '../util/order.ts';
import type { ChainChange, ChainContent } from './plan.ts';
import { ruleLines, targetOf } from './rule-lines.ts';

export interface PayloadTable {
  readonly table: string;
  /**
   * Everything up to the line COMMIT, which is not in it: `*nat`, chains, rules. Pieces of whole lines, made when they are asked for and
   * anew each time: those of a large plan are 16 MB, and a tool can read the first while the others are made.
   */
  readonly body: Iterable<string>;
}

export interface PayloadOptions {
  /**
   * Lets iptables-nft-restore read all chains of the table at once. Else 1.8.x keeps the names of all chains that occur in a sorted list,
   * which it walks from its head for each line of input: 56,000 chains took 34 s in the best order and more than 400 s in a random one,
   * and 4.6 s so (iptables 1.8.9, Linux 6.18). A listing is the only command without a chain's name that changes nothing.
   */
  readonly listFirst: boolean;
  /** Default: by hash. */
  readonly order?: DeclarationOrder;
}

/**
 * In which order chains are declared. `by-hash` is that of the names' last letters, which are those of a hash: to list chains that were
 * made in sorted order takes iptables-nft quadratic time (iptables-nft-save of 56,000 chains takes 26 s then, and 1.4 s so). `last-first`
 * is that of the names, backwards: iptables-legacy keeps them sorted, and looks for the place of a new one from the front
 * (56,000 chains and 160,000 rules: 1.4 s, 1.8 s forwards, 2.2 s by hash). All of iptables 1.8.9.
 */
export type DeclarationOrder = 'by-hash' | 'last-first';

/** nat first: it is the large one, and `host/iptables` reads it into the tool while the test still runs. */
const TABLE_ORDER: readonly string[] = ['nat', 'filter', 'mangle', 'raw', 'security'];

export function comparePayloadTables(a: string, b: string): number {
  const place = (table: string): number =>
    TABLE_ORDER.includes(table) ? TABLE_ORDER.indexOf(table) : TABLE_ORDER.length;
  return place(a) - place(b) || compareStrings(a, b);
}

export function restorePayload(
  changes: readonly ChainChange[],
  { listFirst, order = 'by-hash' }: PayloadOptions,
): readonly PayloadTable[] {
  const tables = [...new Set(changes.map((change) => change.table))].sort(comparePayloadTables);
  return tables.map((table) => {
    const own = changes.filter((change) => change.table === table);
    return { table, body: { [Symbol.iterator]: () => inPieces(bodyOf(table, own, { listFirst, order })) } };
  });
}

/** The payload as one text. */
export function payloadText(tables: readonly PayloadTable[]): string {
  return tables.map(({ body }) => `${[...body].join('')}COMMIT\n`).join('');
}

/** Chains or rules: 100 kB and more. */
const TEXTS_IN_A_PIECE = 2000;

function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece: string[] = [];
  for (const text of texts) {
    piece.push(text);
    if (piece.length < TEXTS_IN_A_PIECE) continue;
    yield piece.join('');
    piece = [];
  }
  if (piece.length > 0) yield piece.join('');
}

function* bodyOf(
  table: string,
  changes: readonly ChainChange[],
  { listFirst, order }: Required<PayloadOptions>,
): Generator<string> {
  yield `*${table}\n`;
  yield* listFirst ? bodyWithListing(changes, order) : plainBody(changes, order);
}

function* plainBody(changes: readonly ChainChange[], order: DeclarationOrder): Generator<string> {
  yield* declarations(changes, order);
  for (const change of changes) yield rulesOf(change);
  yield* removals(changes);
}

/**
 * Behind a listing, iptables-nft-restore takes built-in chains for existing that the kernel does not have yet, and fails. So rules go into
 * them first, which makes them; to declare them would set a policy that somebody else may have just changed.
 */
function* bodyWithListing(changes: readonly ChainChange[], order: DeclarationOrder): Generator<string> {
  const edits = changes.filter(({ kind }) => kind === 'edit-chain');
  const inserted = edits.flatMap((edit) => (edit.kind === 'edit-chain' ? edit.edits : []));
  const targets = new Set(inserted.map(({ rule }) => targetOf(rule)));
  const chains = changes.filter(({ kind }) => kind !== 'edit-chain');
  const early = chains.filter(({ chain }) => targets.has(chain));
  const late = chains.filter(({ chain }) => !targets.has(chain));
  yield* declarations(early, order);
  for (const edit of edits) yield rulesOf(edit);
  yield '-S\n';
  yield* declarations(late, order);
  for (const change of chains) yield rulesOf(change);
  yield* removals(chains);
}

function declarations(changes: readonly ChainChange[], order: DeclarationOrder): readonly string[] {
  const names = changes.filter(({ kind }) => kind !== 'edit-chain').map(({ chain }) => chain);
  return declareChains(names, order);
}

/** A line for each. */
export function declareChains(names: readonly string[], order: DeclarationOrder): readonly string[] {
  return inOrder(names, order).map((name) => `:${name} - [0:0]\n`);
}

function inOrder(names: readonly string[], order: DeclarationOrder): readonly string[] {
  if (order === 'last-first') return [...names].sort((a, b) => compareStrings(b, a));
  const keyed = names.map((name) => ({ name, key: lastLetters(name) }));
  keyed.sort((a, b) => a.key - b.key || compareStrings(a.name, b.name));
  return keyed.map(({ name }) => name);
}

/** The last eight letters as a number, the last one first: 48 bits. */
function lastLetters(name: string): number {
  let key = 0;
  for (let i = 1; i <= 8; i++) key = key * 64 + (name.charCodeAt(name.length - i) & 63 || 0);
  return key;
}

function rulesOf(change: ChainChange): string {
  switch (change.kind) {
    case 'create-chain':
    case 'replace-chain':
      return withCounters(change.next);
    case 'edit-chain':
      return change.edits.map(({ kind, rule, position }) => `${editCommand(kind, rule, position)}\n`).join('');
    case 'delete-chain':
      return '';
  }
}

function withCounters({ rules, counters }: ChainContent): string {
  if (counters === undefined) return rules;
  return ruleLines(rules)
    .map((line, i) => `${counters[i] === undefined || counters[i] === '' ? '' : `${counters[i]} `}${line}\n`)
    .join('');
}

function editCommand(kind: 'delete' | 'insert', rule: string, position = 1): string {
  const chain = /^-A (\S+)/.exec(rule)?.[1] ?? '';
  const rest = rule.slice(`-A ${chain}`.length);
  return kind === 'delete' ? `-D ${chain}${rest}` : `-I ${chain} ${position}${rest}`;
}

/** After all rules: by then nothing that stays jumps to them. */
function removals(changes: readonly ChainChange[]): readonly string[] {
  return changes.filter((change) => change.kind === 'delete-chain').map(({ chain }) => `-X ${chain}\n`);
}
