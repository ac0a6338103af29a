import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import type { DocumentLocation, SourceLocation } from '../../diag/source-location.ts';
import { describeValue } from '../../util/mapping.ts';
import { sortedBy } from '../../util/order.ts';
import type { KubernetesObject, ObjectMeta } from '../kubernetes.ts';
import { type Snapshot, subjectOf } from '../snapshot.ts';
import { decodeEndpoints, decodeEndpointSlice } from './decode-endpoint-slice.ts';
import { decodeNode } from './decode-node.ts';
import { decodePod } from './decode-pod.ts';
import { decodeService } from './decode-service.ts';
import { expandLists, type RawObject } from './expand-lists.ts';
import { Fields, Findings } from './fields.ts';
import { groupOf, kindMeant, KNOWN_KINDS } from './known-kinds.ts';
import { readMetadata } from './metadata.ts';
import { withoutDuplicates } from './without-duplicates.ts';

/**
 * From parsed YAML or JSON, whatever it holds, to a Snapshot. Total: never throws, and what it cannot use has a diagnostic. After
 * this step every value has its type and every name only harmless characters; nothing later looks at raw input again.
 */
export function decodeSnapshot(
  documents: readonly unknown[],
  locations: readonly (DocumentLocation | undefined)[],
): { readonly snapshot: Snapshot; readonly diagnostics: readonly Diagnostic[] } {
  const expanded = expandLists(documents, locations);
  const diagnostics = [...expanded.diagnostics];
  const places = new Map<KubernetesObject, RawObject['locate']>();
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
    places.set(decoded, raw.locate);
  }
  if (passedOver.size > 0) diagnostics.push(describePassedOver(passedOver));
  const locate = (object: KubernetesObject): SourceLocation | undefined => places.get(object)?.();
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

const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['Service', decodeService],
  ['EndpointSlice', decodeEndpointSlice],
  ['Endpoints', decodeEndpoints],
  ['Node', decodeNode],
  ['Pod', decodePod],
]);

function decodeObject(raw: RawObject, diagnostics: Diagnostic[]): KubernetesObject | 'passed over' | undefined {
  const { kind, apiVersion } = raw;
  const version = KNOWN_KINDS.get(kind);
  const decode = DECODERS.get(kind);
  if (version === undefined || decode === undefined) return reportSlip(raw, diagnostics) ? undefined : 'passed over';
  // Another group may have a Service too, as Knative's does; no group at all is a slip.
  if (![groupOf(version), ''].includes(groupOf(apiVersion))) return 'passed over';
  const findings = new Findings();
  const fields = new Fields(raw.value, findings);
  const { metadata, nameProblem, nameHint } = readMetadata(fields, kind);
  const subject = subjectOf({ kind, metadata });
  const report = (
    code: 'unsupported-version' | 'invalid-name' | 'invalid-field' | 'unknown-field',
    message: string,
    hint?: string,
  ): void => {
    diagnostics.push(diagnose(code, { message, subject, location: raw.locate(), hint }));
  };
  if (apiVersion !== version) {
    const found = apiVersion === '' ? 'apiVersion is missing' : `apiVersion is ${apiVersion}`;
    report('unsupported-version', `${found}; ${kind} is read as ${version}`);
    return undefined;
  }
  if (nameProblem !== undefined) {
    report('invalid-name', `${nameProblem}; the object is left out`, nameHint);
    return undefined;
  }
  const object = decode(fields, metadata);
  for (const { path, field, count } of findings.misspeltFields()) {
    const more = count === 1 ? '' : ` (and ${count - 1} more like it)`;
    report('unknown-field', `Kubernetes has no field ${path}${more}; it is passed over`, `did you mean ${field}?`);
  }
  const { problems } = findings;
  if (problems.length === 0) return object;
  for (const problem of problems) report('invalid-field', `${problem}; the object is left out`);
  return undefined;
}

/** Whether the kind is one that does not exist and is nearly one that does, or is a file of chainsmith's own. */
function reportSlip({ kind, apiVersion, locate }: RawObject, diagnostics: Diagnostic[]): boolean {
  if (groupOf(apiVersion) === 'chainsmith') {
    const message = `chainsmith itself writes the kind ${describeValue(kind)}; it is no object of Kubernetes, and is left out`;
    const hint = kind === 'Plan' ? 'chainsmith apply FILE, without -f, carries out a plan' : undefined;
    diagnostics.push(diagnose('unknown-kind', { message, location: locate(), hint }));
    return true;
  }
  const meant = kindMeant(kind, apiVersion);
  if (meant === undefined) return false;
  const message = `there is no kind ${describeValue(kind)}; the object is left out`;
  diagnostics.push(diagnose('unknown-kind', { message, location: locate(), hint: `did you mean ${meant}?` }));
  return true;
}

/** `Deployment`, or with its group where the kind alone would mislead (Knative has a Service too). */
function passedOverName(raw: RawObject): string {
  return KNOWN_KINDS.has(raw.kind) ? `${raw.kind}.${groupOf(raw.apiVersion)}` : raw.kind;
}

function describePassedOver(passedOver: ReadonlyMap<string, number>): Diagnostic {
  const counts = sortedBy(passedOver, ([kind]) => kind).map(([kind, count]) => `${count} ${kind}`);
  return diagnose('kind-passed-over', {
    message: `passed over, since they shape no Service rules: ${counts.join(', ')}`,
  });
}
