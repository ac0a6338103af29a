import { diagnose, type Diagnostic } from '../../core/diag/diagnostic.ts';
import type { SourceLocation } from '../../core/diag/source-location.ts';
import { parseText } from './parse-text.ts';
import type { ParsedText } from './parsed-text.ts';
import { readSource } from './read-sources.ts';
import { fieldOf, isMapping } from '../../core/util/mapping.ts';
import { nodeIo, type SourceIo } from './source-io.ts';

export type ConfigFile =
  { readonly config: unknown; readonly location: SourceLocation } | { readonly problems: readonly Diagnostic[] };

interface Found {
  readonly document: unknown;
  readonly location: SourceLocation;
}

/**
 * Reads the file of `--config`: a KubeProxyConfiguration, alone or among other documents (as in kubeadm's configuration), or a
 * ConfigMap that contains one, as `kubectl -n kube-system get configmap kube-proxy -o yaml` prints it. What it means is for the core.
 */
export async function readConfig(path: string, io: SourceIo = nodeIo): Promise<ConfigFile> {
  const parsed = await readSource(path, io);
  const { found, problems } = chooseConfig(parsed);
  if (found !== undefined) return { config: found.document, location: found.location };
  const errors = [...parsed.diagnostics, ...problems].filter((d) => d.severity === 'error');
  return { problems: errors.length > 0 ? errors : [wrongKind(parsed, path)] };
}

function wrongKind({ locations: [location] }: ParsedText, path: string): Diagnostic {
  if (location === undefined)
    return diagnose('config-wrong-kind', { message: 'the file is empty', location: { file: path } });
  const message = 'the file holds a ConfigMap without a KubeProxyConfiguration';
  return diagnose('config-wrong-kind', { message, location });
}

/** A document of another kind is passed on if there is nothing better: the core says best what is wrong with it. */
function chooseConfig(parsed: ParsedText): {
  readonly found?: Found | undefined;
  readonly problems: readonly Diagnostic[];
} {
  const problems: Diagnostic[] = [];
  const candidates: Found[] = [];
  for (const [i, document] of parsed.documents.entries()) {
    const location = parsed.locations[i];
    if (location === undefined) continue;
    for (const item of itemsOf(document)) {
      if (kindOf(item) === 'ConfigMap') unwrap(item, location, candidates, problems);
      else candidates.push({ document: item, location });
    }
  }
  return { found: candidates.find((f) => kindOf(f.document) === 'KubeProxyConfiguration') ?? candidates[0], problems };
}

/** kubeadm's ConfigMap has config.conf and kubeconfig.conf; other installers call it differently. */
function unwrap(map: unknown, { file }: SourceLocation, candidates: Found[], problems: Diagnostic[]): void {
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

function itemsOf(document: unknown): readonly unknown[] {
  const items = fieldOf(document, 'items');
  return Array.isArray(items) ? items : [document];
}

function kindOf(document: unknown): unknown {
  return fieldOf(document, 'kind');
}
