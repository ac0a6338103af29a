import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import type { SourceLocation } from '../../diag/source-location.ts';
import { sortedBy } from '../../util/order.ts';
import type { KubernetesObject, ObjectMeta } from '../kubernetes.ts';
import { type Snapshot, subjectOf } from '../snapshot.ts';
import { decodeEndpoints, decodeEndpointSlice } from './decode-endpoint-slice.ts';
import { decodeNode } from './decode-node.ts';
import { decodePod } from './decode-pod.ts';
import { decodeService } from './decode-service.ts';
import { expandLists, type RawObject } from './expand-lists.ts';
import { Fields, Findings } from './fields.ts';
import { readMetadata } from './metadata.ts';
import { withoutDuplicates } from './without-duplicates.ts';

/**
 * From parsed YAML or JSON, whatever it holds, to a Snapshot. Total: never throws, and what it cannot use has a diagnostic. After
 * this step every value has its type and every name only harmless characters; nothing later looks at raw input again.
 */
export function decodeSnapshot(
  documents: readonly unknown[],
  locations: readonly (SourceLocation | undefined)[],
): { readonly snapshot: Snapshot; readonly diagnostics: readonly Diagnostic[] } {
  const expanded = expandLists(documents, locations);
  const diagnostics = [...expanded.diagnostics];
  const places = new Map<KubernetesObject, SourceLocation>();
  const passedOver = new Map<string, number>();
  const objects: KubernetesObject[] = [];
  for (const raw of expanded.objects) {
    const decoded = decodeObject(raw, diagnostics);
    if (decoded === undefined) continue;
    if (decoded === 'passed over') {
      const name = passedOverName(raw);
      passedOver.set(name, (passedOver.get(name) ?? 0) + 1);
      continue;
    }
    objects.push(decoded);
    if (raw.location !== undefined) places.set(decoded, raw.location);
  }
  if (passedOver.size > 0) diagnostics.push(describePassedOver(passedOver));
  const locate = (object: KubernetesObject): SourceLocation | undefined => places.get(object);
  const unique = withoutDuplicates(objects, locate, diagnostics);
  const ofKind = <K extends KubernetesObject['kind']>(kind: K): Extract<KubernetesObject, { kind: K }>[] =>
    sortedBy(
      unique.filter((o): o is Extract<KubernetesObject, { kind: K }> => o.kind === kind),
      (o) => o.metadata.namespace,
      (o) => o.metadata.name,
    );
  return {
    snapshot: {
      services: ofKind('Service'),
      endpointSlices: ofKind('EndpointSlice'),
      endpoints: ofKind('Endpoints'),
      nodes: ofKind('Node'),
      pods: ofKind('Pod'),
      locate,
    },
    diagnostics,
  };
}

type Decode = (object: Fields, metadata: ObjectMeta) => KubernetesObject;

const KINDS: ReadonlyMap<string, { readonly apiVersion: string; readonly decode: Decode }> = new Map<
  string,
  { readonly apiVersion: string; readonly decode: Decode }
>([
  ['Service', { apiVersion: 'v1', decode: decodeService }],
  ['EndpointSlice', { apiVersion: 'discovery.k8s.io/v1', decode: decodeEndpointSlice }],
  ['Endpoints', { apiVersion: 'v1', decode: decodeEndpoints }],
  ['Node', { apiVersion: 'v1', decode: decodeNode }],
  ['Pod', { apiVersion: 'v1', decode: decodePod }],
]);

function decodeObject(raw: RawObject, diagnostics: Diagnostic[]): KubernetesObject | 'passed over' | undefined {
  const known = KINDS.get(raw.kind);
  if (known === undefined || groupOf(raw.apiVersion) !== groupOf(known.apiVersion)) return 'passed over';
  const findings = new Findings();
  const fields = new Fields(raw.value, findings);
  const { metadata, nameProblem } = readMetadata(fields, raw.kind);
  const subject = subjectOf({ kind: raw.kind, metadata });
  const report = (
    code: 'unsupported-version' | 'invalid-name' | 'invalid-field' | 'unknown-field',
    message: string,
    hint?: string,
  ): void => {
    diagnostics.push(diagnose(code, { message, subject, location: raw.location, hint }));
  };
  if (raw.apiVersion !== known.apiVersion) {
    const found = raw.apiVersion === '' ? 'apiVersion is missing' : `apiVersion is ${raw.apiVersion}`;
    report('unsupported-version', `${found}; ${raw.kind} is read as ${known.apiVersion}`);
    return undefined;
  }
  if (nameProblem !== undefined) {
    const hint = nameProblem.includes('{{') ? 'this is a Helm template; render it first: helm template' : undefined;
    report('invalid-name', `${nameProblem}; the object is left out`, hint);
    return undefined;
  }
  const object = known.decode(fields, metadata);
  for (const { path, field, count } of findings.misspeltFields()) {
    const more = count === 1 ? '' : ` (and ${count - 1} more like it)`;
    report('unknown-field', `Kubernetes has no field ${path}${more}; it is passed over`, `did you mean ${field}?`);
  }
  const { problems } = findings;
  if (problems.length === 0) return object;
  for (const problem of problems) report('invalid-field', `${problem}; the object is left out`);
  return undefined;
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

/** `Deployment`, or with its group where the kind alone would mislead (Knative has a Service too). */
function passedOverName(raw: RawObject): string {
  return KINDS.has(raw.kind) ? `${raw.kind}.${groupOf(raw.apiVersion)}` : raw.kind;
}

function describePassedOver(passedOver: ReadonlyMap<string, number>): Diagnostic {
  const counts = sortedBy(passedOver, ([kind]) => kind).map(([kind, count]) => `${count} ${kind}`);
  return diagnose('kind-passed-over', {
    message: `passed over, since they shape no Service rules: ${counts.join(', ')}`,
  });
}
