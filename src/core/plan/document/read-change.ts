import type { FieldPath } from '../../diag/source-location.ts';
import type { Mapping } from '../../util/mapping.ts';
import { applyEdits } from '../edit-rules.ts';
import { isBuiltInChain, isEntryChain, isOwnChain, isPlannedChain, isSharedChain } from '../../ruleset/owned-chains.ts';
import type { ChainChange, ChainContent, RuleEdit } from '../plan.ts';
import { joinLines, ruleLines, targetOf } from '../rule-lines.ts';
import { loadedRuleFault, ruleLineFault } from './check-rule.ts';
import type { FieldReader } from './field-reader.ts';

const KINDS: readonly ChainChange['kind'][] = ['create-chain', 'replace-chain', 'delete-chain', 'edit-chain'];

/** One change of a plan file; undefined if it is of no kind. Everything that is wrong with it is told to the reader. */
export function readChange(value: unknown, path: FieldPath, reader: FieldReader): ChainChange | undefined {
  const fields = reader.mapping(value, path);
  const kind = reader.oneOf(fields, 'kind', KINDS, path);
  const table = reader.text(fields, 'table', path);
  const chain = reader.text(fields, 'chain', path);
  const service = reader.optionalText(fields, 'service', path);
  const about = { table, chain, service, reason: reader.text(fields, 'reason', path) };
  if (kind === undefined) return undefined;
  checkChain(kind, table, chain, path, reader);
  const content = (name: 'previous' | 'next'): ChainContent => readContent(fields, name, { kind, chain, path, reader });
  switch (kind) {
    case 'create-chain':
      return { ...about, kind, next: content('next') };
    case 'delete-chain':
      return { ...about, kind, previous: content('previous') };
    case 'replace-chain':
      return { ...about, kind, previous: content('previous'), next: content('next') };
    case 'edit-chain': {
      const [previous, next] = [content('previous'), content('next')];
      const edits = readEdits(fields, { kind, chain, path, reader }, table);
      if (joinLines(applyEdits(ruleLines(previous.rules), edits)) !== next.rules) {
        reader.fault([...path, 'edits'], 'do not make the rules of next from those of previous');
      }
      return { ...about, kind, previous, next, edits };
    }
  }
}

function checkChain(
  kind: ChainChange['kind'],
  table: string,
  chain: string,
  path: FieldPath,
  reader: FieldReader,
): void {
  const isOthers = isBuiltInChain(table, chain);
  const mayBeEdited = isOthers || isSharedChain(table, chain);
  if (!isPlannedChain(table, chain) || chain.length > LONGEST_NAME) {
    reader.fault([...path, 'chain'], `${table} ${chain} is no chain of kube-proxy or chainsmith`);
  } else if (kind === 'edit-chain' ? !mayBeEdited : isOthers) {
    reader.fault([...path, 'kind'], `${kind} is not for ${table} ${chain}`);
  }
}

/** XT_EXTENSION_MAXNAMELEN of the kernel, without the zero at the end; iptables itself takes one less. */
const LONGEST_NAME = 28;

interface ContentContext {
  readonly kind: ChainChange['kind'];
  readonly chain: string;
  readonly path: FieldPath;
  readonly reader: FieldReader;
}

function readContent(fields: Mapping, name: string, { kind, chain, path, reader }: ContentContext): ChainContent {
  const here = [...path, name];
  const content = reader.mapping(fields[name], here);
  // Of a chain that others write too, nothing is loaded but the edits.
  const isLoaded = kind !== 'edit-chain';
  const rules = isLoaded ? reader.texts(content, 'rules', here) : reader.lines(content, 'rules', here);
  const given = reader.list(content, 'rules', here);
  for (const [i, rule] of rules.entries()) {
    // What is no text was told of already.
    if (rule !== given[i]) continue;
    const fault = isLoaded ? loadedRuleFault(rule, chain) : ruleLineFault(rule, chain);
    if (fault !== undefined) reader.fault([...here, 'rules', i], fault);
  }
  if (content['counters'] === undefined) return { rules: joinLines(rules) };
  const counters = reader.texts(content, 'counters', here);
  if (counters.length !== rules.length) reader.fault([...here, 'counters'], 'must be as many as the rules');
  for (const [i, counter] of counters.entries()) {
    if (!/^(?:\[\d+:\d+\])?$/.test(counter)) reader.fault([...here, 'counters', i], 'is no [packets:bytes]');
  }
  return { rules: joinLines(rules), counters };
}

function readEdits(fields: Mapping, context: ContentContext, table: string): readonly RuleEdit[] {
  const { chain, path, reader } = context;
  return reader.list(fields, 'edits', path).flatMap((value, i): readonly RuleEdit[] => {
    const here = [...path, 'edits', i];
    const edit = reader.mapping(value, here);
    const kind = reader.oneOf(edit, 'kind', ['delete', 'insert'] as const, here);
    const rule = reader.text(edit, 'rule', here);
    const fault = loadedRuleFault(rule, chain) ?? foreignRuleFault(rule, table, chain);
    if (fault !== undefined) reader.fault([...here, 'rule'], fault);
    if (kind === undefined) return [];
    if (kind === 'delete') return [{ kind, rule }];
    const position = edit['position'];
    if (typeof position === 'number' && Number.isSafeInteger(position) && position > 0)
      return [{ kind, rule, position }];
    reader.fault([...here, 'position'], 'must be a number from 1 on');
    return [];
  });
}

/** A built-in chain holds nothing of ours but jumps to our chains. */
function foreignRuleFault(rule: string, table: string, chain: string): string | undefined {
  const target = targetOf(rule) ?? '';
  const isOurs =
    [isOwnChain, isSharedChain, isEntryChain].some((is) => is(table, target)) || isSharedChain(table, chain);
  return isOurs ? undefined : 'is no jump to a chain of kube-proxy or chainsmith';
}
