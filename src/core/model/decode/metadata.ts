import type { ObjectMeta } from '../kubernetes.ts';
import { isDnsLabel, isDnsSubdomain } from '../names.ts';
import type { Fields } from './fields.ts';

export interface MetadataResult {
  readonly metadata: ObjectMeta;
  /** What is wrong with the names; undefined if nothing is. */
  readonly nameProblem: string | undefined;
}

/** Namespaced manifests without a namespace belong to `default`, as `kubectl apply` puts them there. */
export function readMetadata(object: Fields, kind: string): MetadataResult {
  const fields = object.object('metadata');
  const name = fields?.string('name') ?? '';
  const namespace = kind === 'Node' ? '' : fields?.string('namespace') || 'default';
  const labels = fields?.stringMap('labels') ?? new Map<string, string>();
  return { metadata: { name, namespace, labels }, nameProblem: nameProblem(kind, name, namespace) };
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
