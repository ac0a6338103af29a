import { diagnose, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { locatePart, type DocumentLocation, type FieldPath } from '../../core/diag/source-location.ts';
import { parseText } from './parse-text.ts';
import type { ParsedText } from './parsed-text.ts';
import { readSource } from './read-sources.ts';
import { fieldOf, isMapping } from '../../core/util/mapping.ts';
import { nodeIo, type SourceIo } from './source-io.ts';

export type ConfigFile =
  { readonly config: unknown; readonly location: DocumentLocation } | { readonly problems: readonly Diagnostic[] };

interface Found {
  readonly document: unknown;
  readonly location: DocumentLocation;
}

/**
 * Reads the file of `--config`: a KubeProxyConfiguration, alone or among other documents (as in kubeadm's configuration), or a
 * ConfigMap that contains one, as `kubectl -n kube-system get configmap kube-proxy -o yaml` prints it. What it means is for the core.
 */
export async function readConfig(path: string, io: SourceIo = nodeIo): Promise<ConfigFile> {
  const parsed = await readSource(path, io);
  const { found, problems } = chooseConfig(parsed);
  if (found === 'several') return { problems: [ambiguous(path)] };
  if (found !== undefined) return { config: found.document, location: found.location };
  const errors = [...parsed.diagnostics, ...problems].filter((d) => d.severity === 'error');
  return { problems: errors.length > 0 ? errors : [wrongKind(parsed, path)] };
}

function wrongKind({ locations: [location] }: ParsedText, path: string): Diagnostic {
  if (location === undefined)
    return diagnose('config-wrong-kind', { message: 'the file is empty', location: { file: path } });
  const message = 'the file holds a ConfigMap without a KubeProxyConfiguration';
  return diagnose('config-wrong-kind', { message, location: locatePart(location, []) });
}

function ambiguous(file: string): Diagnostic {
  const message = 'the file holds several KubeProxyConfigurations';
  return diagnose('config-ambiguous', { message, location: { file }, hint: 'give a file with one of them' });
}

/** A document of another kind is passed on if there is nothing better: the core says best what is wrong with it. */
function chooseConfig(parsed: ParsedText): {
  readonly found?: Found | 'several' | undefined;
  readonly problems: readonly Diagnostic[];
} {
  const problems: Diagnostic[] = [];
  const candidates: Found[] = [];
  for (const [i, document] of parsed.documents.entries()) {
    const location = parsed.locations[i];
    if (location === undefined) continue;
    for (const { item, path } of itemsOf(document)) {
      if (kindOf(item) === 'ConfigMap') unwrap(item, location, candidates, problems);
      else candidates.push({ document: item, location: within(location, path) });
    }
  }
  const [found, second] = candidates.filter((f) => kindOf(f.document) === 'KubeProxyConfiguration');
  return { found: second === undefined ? (found ?? candidates[0]) : 'several', problems };
}

/** kubeadm's ConfigMap has config.conf and kubeconfig.conf; other installers call it differently. */
function unwrap(map: unknown, { file }: DocumentLocation, candidates: Found[], problems: Diagnostic[]): void {
  const data = fieldOf(map, 'data');
  for (const [key, text] of isMapping(data) ? Object.entries(data) : []) {
    if (typeof text !== 'string') continue;
    const { documents, locations, diagnostics } = parseText(text, `${file}#${key}`);
    problems.push(...diagnostics);
    for (const [i, document] of documents.entries()) {
      const location = locations[i];
      if (kindOf(document) === 'KubeProxyConfiguration' && location) candidates.push({ document, location });
    }
  }
}

function itemsOf(document: unknown): readonly { readonly item: unknown; readonly path: FieldPath }[] {
  const items = fieldOf(document, 'items');
  return Array.isArray(items)
    ? items.map((item: unknown, i) => ({ item, path: ['items', i] }))
    : [{ item: document, path: [] }];
}

/** An item of a list as a document of its own. */
function within(document: DocumentLocation, outer: FieldPath): DocumentLocation {
  if (outer.length === 0) return document;
  const start = locatePart(document, outer) ?? document;
  return { ...start, locate: (path) => locatePart(document, [...outer, ...path]) ?? start };
}

function kindOf(document: unknown): unknown {
  return fieldOf(document, 'kind');
}
