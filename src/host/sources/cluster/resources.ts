/** A kind of object that a live cluster is asked for. */
export interface Resource {
  readonly kind: 'Node' | 'Service' | 'EndpointSlice';
  readonly apiVersion: string;
  /** As RBAC names it. */
  readonly plural: string;
  /** As RBAC names it; "" is the core group. */
  readonly apiGroup: string;
  readonly namespaced: boolean;
  /** Of the list of all namespaces. */
  readonly path: string;
}

/**
 * What kube-proxy watches, in the order of a snapshot. Pods and Endpoints are not among them: in a cluster, controllers have made
 * EndpointSlices of both.
 */
export const RESOURCES: readonly Resource[] = [
  { kind: 'Node', apiVersion: 'v1', plural: 'nodes', apiGroup: '', namespaced: false, path: '/api/v1/nodes' },
  { kind: 'Service', apiVersion: 'v1', plural: 'services', apiGroup: '', namespaced: true, path: '/api/v1/services' },
  {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    plural: 'endpointslices',
    apiGroup: 'discovery.k8s.io',
    namespaced: true,
    path: '/apis/discovery.k8s.io/v1/endpointslices',
  },
];
