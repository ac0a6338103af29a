/** A folder of golden/compile, read. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import type { CompileOptions } from '../../src/core/compile/compile.ts';
import { isMapping } from '../../src/core/util/mapping.ts';
import { parseText } from '../../src/host/sources/parse-text.ts';
import { readFlows, type Flow, type FlowNode } from './golden-flows.ts';

export interface GoldenCase {
  /** `area/case` */
  readonly name: string;
  readonly folder: string;
  readonly documents: readonly unknown[];
  readonly options: CompileOptions;
  readonly flows: readonly Flow[];
  /** Where flows of the node itself come from; read from the same files, without the compiler. */
  readonly node: FlowNode;
}

/** The keys of options.yaml: the options of `compile` that are plain data. */
const OPTION_KEYS: Readonly<Record<Exclude<keyof CompileOptions, 'configLocation' | 'templates' | 'locations'>, true>> =
  {
    config: true,
    node: true,
    nodeIps: true,
    localIps: true,
    zone: true,
    applyDefaults: true,
    serviceCidrs: true,
    nodePortRange: true,
    nfacct: true,
    randomFully: true,
    families: true,
    modes: true,
  };

export const DEFAULT_OPTIONS = 'default-options.yaml';

/** `area/case` of every folder two levels below `root`, sorted. */
export function findCases(root: string): readonly string[] {
  return foldersIn(root).flatMap((area) => foldersIn(join(root, area)).map((name) => `${area}/${name}`));
}

export function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

export function readCase(root: string, name: string): GoldenCase {
  const folder = join(root, name);
  const { documents, locations, diagnostics } = parseText(
    readFileSync(join(folder, 'input.yaml'), 'utf8'),
    'input.yaml',
  );
  if (diagnostics.length > 0) throw new Error(`${folder}/input.yaml: ${diagnostics.map((d) => d.message).join('; ')}`);
  // The case's own options replace the default ones key by key.
  const given = { ...readOptions(join(root, DEFAULT_OPTIONS)), ...readOptions(join(folder, 'options.yaml')) };
  const plain: CompileOptions = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  const options: CompileOptions = { ...plain, locations };
  const flowsFile = join(folder, 'flows.yaml');
  return {
    name,
    folder,
    documents,
    options,
    flows: readFlowsFile(flowsFile),
    node: nodeOf(documents, options),
  };
}

function readFlowsFile(file: string): readonly Flow[] {
  if (!existsSync(file)) return [];
  try {
    return readFlows(load(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`${file}: ${String(cause)}`, { cause });
  }
}

/** `key: null` takes a default option away. */
function readOptions(file: string): CompileOptions {
  if (!existsSync(file)) return {};
  const own = load(readFileSync(file, 'utf8'));
  if (!isMapping(own)) throw new Error(`${file} must hold a mapping`);
  for (const key of Object.keys(own)) {
    if (!(key in OPTION_KEYS)) throw new Error(`${file}: unknown option ${key}`);
  }
  return { ...own };
}

function nodeOf(documents: readonly unknown[], options: CompileOptions): FlowNode {
  const nodes = documents.filter((d) => isMapping(d) && d['kind'] === 'Node').filter(isMapping);
  const own = nodes.length === 1 ? nodes[0] : nodes.find((n) => field(n, 'metadata', 'name') === options.node);
  const listed = field(own, 'status', 'addresses');
  const addresses = (Array.isArray(listed) ? listed : [])
    .filter((a: unknown) => field(a, 'type') === 'InternalIP')
    .flatMap((a: unknown) => {
      const text = field(a, 'address');
      return typeof text === 'string' ? [text] : [];
    });
  const nodeIps = [...(options.nodeIps ?? []), ...addresses];
  return { nodeIps, localAddresses: [...nodeIps, ...(options.localIps ?? [])] };
}

function field(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (isMapping(at) ? at[name] : undefined), value);
}
