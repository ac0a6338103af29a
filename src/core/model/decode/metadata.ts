import type { ObjectMeta } from '../kubernetes.ts';
import { isDnsLabel, isDnsSubdomain } from '../names.ts';
import { describeValue } from '../../util/mapping.ts';
import type { Fields } from './fields.ts';
import { knownFields } from './known-fields.ts';

export interface MetadataResult {
  readonly metadata: ObjectMeta;
  /** What is wrong with the names; undefined if nothing is. */
  readonly nameProblem: string | undefined;
  /** What to do about it. */
  readonly nameHint: string | undefined;
}

/** Namespaced manifests without a namespace belong to `default`, as `kubectl apply` puts them there. */
export function readMetadata(object: Fields, kind: string): MetadataResult {
  const fields = object.object('metadata')?.only(knownFields.metadata);
  const name = fields?.string('name') ?? '';
  const namespace = kind === 'Node' ? '' : fields?.string('namespace') || 'default';
  const labels = fields?.stringMap('labels') ?? new Map<string, string>();
  const metadata = { name, namespace, labels };
  const notText = kind === 'Node' ? undefined : noText(fields, 'namespace');
  const problem = noText(fields, 'name') ?? notText;
  if (problem !== undefined) return { metadata, ...problem };
  return {
    metadata,
    nameProblem: nameProblem(kind, name, namespace),
    nameHint: name.includes('{{') || namespace.includes('{{') ? HELM_HINT : undefined,
  };
}

const HELM_HINT = 'this is a Helm template; render it first: helm template';

/** YAML as kubectl reads it makes true of `on`, and fifteen of `017`. */
function noText(metadata: Fields | undefined, field: string): Omit<MetadataResult, 'metadata'> | undefined {
  const value = metadata?.value(field);
  if (value === undefined || typeof value === 'string') return undefined;
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  return {
    nameProblem: `metadata.${field} must be a text, not ${describeValue(value)}`,
    nameHint: isScalar ? 'put it in quotes: without them YAML reads a number, or true or false' : undefined,
  };
}

function nameProblem(kind: string, name: string, namespace: string): string | undefined {
  if (name === '') return 'metadata.name is missing';
  if (namespace !== '' && !isDnsLabel(namespace)) {
    return `the namespace ${JSON.stringify(namespace)} is not a DNS label (a-z, 0-9 and "-", at most 63 characters)`;
  }
  // Since Kubernetes 1.34 a Service's name may begin with a digit (KEP-5311).
  if (kind === 'Service' ? isDnsLabel(name) : isDnsSubdomain(name)) return undefined;
  const rule = kind === 'Service' ? 'a DNS label (a-z, 0-9 and "-", at most 63 characters)' : 'a DNS subdomain';
  return `the name ${JSON.stringify(name)} is not ${rule}`;
}
