import { didYouMean } from '../../util/suggestion.ts';

/** The fields that one mapping of the API has. */
export class KnownFields {
  readonly #names: ReadonlySet<string>;
  /**
   * The keys of the last mapping without surprises. Objects of one file mostly have the same keys in the same order, and comparing
   * them with these costs a fraction of looking each one up: a large cluster has a million.
   */
  #usual: readonly string[] = [];

  constructor(names: string) {
    this.#names = new Set(names.split(' '));
  }

  /** True if every key is a field, seen at a glance. */
  usual(value: Readonly<Record<string, unknown>>): boolean {
    const usual = this.#usual;
    let i = 0;
    for (const key in value) {
      if (key !== usual[i++]) return false;
    }
    return true;
  }

  /** Keys that are no field but near one, each with that one. Others may be fields of a newer version, and are passed over. */
  misspelt(value: Readonly<Record<string, unknown>>): readonly (readonly [key: string, field: string])[] {
    const keys = Object.keys(value);
    const unknown = keys.filter((key) => !this.#names.has(key));
    if (unknown.length === 0) this.#usual = keys;
    return unknown.flatMap((key) => {
      const field = didYouMean(key, [...this.#names]);
      return field === undefined ? [] : [[key, field] as const];
    });
  }
}

/** The fields of Kubernetes v1.36 (staging/src/k8s.io/api: core/v1, discovery/v1), and some that older versions had. */
export const knownFields: Readonly<
  Record<
    | 'metadata'
    | 'service'
    | 'serviceSpec'
    | 'servicePort'
    | 'sessionAffinityConfig'
    | 'clientIp'
    | 'endpointSlice'
    | 'endpointPort'
    | 'endpoint'
    | 'endpointConditions'
    | 'endpointHints'
    | 'hint'
    | 'endpoints'
    | 'endpointSubset'
    | 'endpointAddress',
    KnownFields
  >
> = {
  metadata: new KnownFields(
    [
      'annotations creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generateName generation labels',
      'managedFields name namespace ownerReferences resourceVersion selfLink uid',
    ].join(' '),
  ),
  service: new KnownFields('apiVersion kind metadata spec status'),
  serviceSpec: new KnownFields(
    [
      'allocateLoadBalancerNodePorts clusterIP clusterIPs externalIPs externalName externalTrafficPolicy healthCheckNodePort',
      'internalTrafficPolicy ipFamilies ipFamily ipFamilyPolicy loadBalancerClass loadBalancerIP loadBalancerSourceRanges ports',
      'publishNotReadyAddresses selector sessionAffinity sessionAffinityConfig topologyKeys trafficDistribution type',
    ].join(' '),
  ),
  servicePort: new KnownFields('appProtocol name nodePort port protocol targetPort'),
  sessionAffinityConfig: new KnownFields('clientIP'),
  clientIp: new KnownFields('timeoutSeconds'),
  endpointSlice: new KnownFields('addressType apiVersion endpoints kind metadata ports'),
  endpointPort: new KnownFields('appProtocol name port protocol'),
  endpoint: new KnownFields('addresses conditions deprecatedTopology hints hostname nodeName targetRef zone'),
  endpointConditions: new KnownFields('ready serving terminating'),
  endpointHints: new KnownFields('forNodes forZones'),
  hint: new KnownFields('name'),
  endpoints: new KnownFields('apiVersion kind metadata subsets'),
  endpointSubset: new KnownFields('addresses notReadyAddresses ports'),
  endpointAddress: new KnownFields('hostname ip nodeName targetRef'),
};
