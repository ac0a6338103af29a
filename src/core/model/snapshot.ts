import type { Subject } from '../diag/diagnostic.ts';
import type { SourceLocation } from '../diag/source-location.ts';
import type { Endpoints, EndpointSlice, KubernetesObject, Node, Pod, Service } from './kubernetes.ts';

/**
 * The part of a cluster's state that a node's Service rules depend on. Every list is sorted by namespace and name, and holds each
 * object once: the order of the input is gone.
 */
export interface Snapshot {
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly endpoints: readonly Endpoints[];
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  /** Where an object came from, if its reader knew. */
  readonly locate: (object: KubernetesObject) => SourceLocation | undefined;
}

/** How a diagnostic names an object. */
export function subjectOf(object: Pick<KubernetesObject, 'metadata'> & { readonly kind: string }): Subject {
  const { namespace, name } = object.metadata;
  return namespace === '' ? { kind: object.kind, name } : { kind: object.kind, namespace, name };
}

/** `namespace/name`, the key under which Kubernetes finds an object of a kind. */
export function objectKey(object: KubernetesObject): string {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}
