import { fieldOf, isMapping, type Mapping } from '../../../core/util/mapping.ts';
import { decodeText } from '../decode-text.ts';
import { parseText } from '../parse-text.ts';
import { ClusterError } from './cluster-error.ts';

/** One cluster, user or context, and the file it stands in: relative paths start at that file's directory. */
export interface Entry {
  readonly fields: Mapping;
  readonly file: string;
}

/** One or more kubeconfig files, merged. Entries are looked at when they are chosen: a broken one that nobody uses is no fault. */
export interface Kubeconfig {
  readonly files: readonly string[];
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
  readonly contexts: ReadonlyMap<string, Entry>;
  readonly currentContext: string | undefined;
}

export function isEmptyKubeconfig({ clusters, users, contexts, currentContext }: Kubeconfig): boolean {
  return clusters.size + users.size + contexts.size === 0 && currentContext === undefined;
}

/** The first file wins, name by name, and its current-context too: as kubectl merges the files of KUBECONFIG. */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const first = (part: 'clusters' | 'users' | 'contexts'): ReadonlyMap<string, Entry> =>
    new Map(configs.toReversed().flatMap((config) => [...config[part]]));
  return {
    files: configs.flatMap((config) => config.files),
    clusters: first('clusters'),
    users: first('users'),
    contexts: first('contexts'),
    currentContext: configs.find((config) => config.currentContext !== undefined)?.currentContext,
  };
}

/** Messages never quote the file: it holds tokens and passwords. */
export function parseKubeconfig(bytes: Uint8Array, file: string): Kubeconfig {
  const decoded = decodeText(bytes, file);
  if ('problem' in decoded) throw badKubeconfig(file, decoded.problem.message);
  const isBlank = decoded.text.trim() === '';
  const document = isBlank ? {} : onlyDocument(decoded.text, file);
  const current = fieldOf(document, 'current-context');
  return {
    files: [file],
    clusters: entriesOf(document, 'clusters', 'cluster', file),
    users: entriesOf(document, 'users', 'user', file),
    contexts: entriesOf(document, 'contexts', 'context', file),
    currentContext: typeof current === 'string' && current !== '' ? current : undefined,
  };
}

export function badKubeconfig(file: string, what: string): ClusterError {
  return new ClusterError('config', `the kubeconfig ${file} cannot be used: ${what}`, {
    advice: `kubectl config view --kubeconfig ${file} shows how kubectl reads it`,
  });
}

function onlyDocument(text: string, file: string): Mapping {
  const { documents, diagnostics } = parseText(text, file);
  const fault = diagnostics.find((d) => d.severity === 'error');
  if (fault !== undefined) {
    const { line, column } = fault.location ?? {};
    const place = line === undefined ? '' : `line ${line}${column === undefined ? '' : `, column ${column}`}: `;
    throw badKubeconfig(file, `${place}it is ${fault.code === 'json-syntax' ? 'no JSON' : 'no YAML'}`);
  }
  const [document = {}, second] = documents;
  if (second !== undefined) throw badKubeconfig(file, 'it holds several documents');
  if (!isMapping(document)) throw badKubeconfig(file, 'it is no mapping of clusters, users and contexts');
  return document;
}

/** `clusters: [{name: a, cluster: {...}}]`. Two of one name in one file are a fault, as for kubectl. */
function entriesOf(document: Mapping, list: string, field: string, file: string): ReadonlyMap<string, Entry> {
  const items = fieldOf(document, list) ?? [];
  if (!Array.isArray(items)) throw badKubeconfig(file, `${list} is no list`);
  const entries = new Map<string, Entry>();
  for (const [i, item] of items.entries()) {
    const name = fieldOf(item, 'name');
    const fields = fieldOf(item, field) ?? {};
    if (typeof name !== 'string' || name === '') throw badKubeconfig(file, `${list}[${i}] has no name`);
    if (!isMapping(fields)) throw badKubeconfig(file, `${list}[${i}].${field} is no mapping`);
    if (entries.has(name)) throw badKubeconfig(file, `${list} has ${name} twice`);
    entries.set(name, { fields, file });
  }
  return entries;
}
