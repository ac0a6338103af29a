/** What a configuration file may hold, as data. Values of `null` count as left out, as in Go. */
export type FieldType =
  | { readonly kind: 'string' | 'boolean' | 'number' | 'duration' | 'scalar' | 'strings' }
  | { readonly kind: 'switches'; readonly shapesRules: string }
  | { readonly kind: 'integer'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'mapping'; readonly fields: FieldTable }
  | { readonly kind: 'list'; readonly fields: FieldTable };

export type FieldTable = { readonly [field: string]: FieldType };

const string: FieldType = { kind: 'string' };
const boolean: FieldType = { kind: 'boolean' };
const number: FieldType = { kind: 'number' };
const duration: FieldType = { kind: 'duration' };
/** A duration in nanoseconds or as text; a quantity of bytes. */
const scalar: FieldType = { kind: 'scalar' };
const strings: FieldType = { kind: 'strings' };
const int32: FieldType = { kind: 'integer', min: -(2 ** 31), max: 2 ** 31 - 1 };
const mapping = (fields: FieldTable): FieldType => ({ kind: 'mapping', fields });

/** A bit of the 32-bit packet mark. */
const markBit: FieldType = { kind: 'integer', min: 0, max: 31 };
const periods: FieldTable = { syncPeriod: duration, minSyncPeriod: duration };
const logOutput: FieldType = mapping({ splitStream: boolean, infoBufferSize: scalar });

/** KubeProxyConfiguration, kubeproxy.config.k8s.io/v1alpha1, as of v1.36. */
export const KUBE_PROXY_FIELDS: FieldTable = {
  apiVersion: string,
  kind: string,
  featureGates: { kind: 'switches', shapesRules: 'AllowServiceExternalIPs' },
  clientConnection: mapping({
    kubeconfig: string,
    acceptContentTypes: string,
    contentType: string,
    qps: number,
    burst: int32,
  }),
  logging: mapping({
    format: string,
    flushFrequency: scalar,
    verbosity: { kind: 'integer', min: 0, max: 2 ** 31 - 1 },
    vmodule: { kind: 'list', fields: { filePattern: string, verbosity: int32 } },
    options: mapping({ text: logOutput, json: logOutput }),
  }),
  hostnameOverride: string,
  bindAddress: string,
  healthzBindAddress: string,
  metricsBindAddress: string,
  bindAddressHardFail: boolean,
  enableProfiling: boolean,
  showHiddenMetricsForVersion: string,
  mode: string,
  iptables: mapping({ masqueradeBit: markBit, masqueradeAll: boolean, localhostNodePorts: boolean, ...periods }),
  ipvs: mapping({
    ...periods,
    scheduler: string,
    excludeCIDRs: strings,
    strictARP: boolean,
    tcpTimeout: duration,
    tcpFinTimeout: duration,
    udpTimeout: duration,
  }),
  nftables: mapping({ masqueradeBit: markBit, masqueradeAll: boolean, ...periods }),
  winkernel: mapping({
    networkName: string,
    sourceVip: string,
    enableDSR: boolean,
    rootHnsEndpointName: string,
    forwardHealthCheckVip: boolean,
  }),
  detectLocalMode: string,
  detectLocal: mapping({ bridgeInterface: string, interfaceNamePrefix: string }),
  clusterCIDR: string,
  nodePortAddresses: strings,
  oomScoreAdj: { kind: 'integer', min: -1000, max: 1000 },
  conntrack: mapping({
    maxPerCore: { kind: 'integer', min: 0, max: 2 ** 31 - 1 },
    min: { kind: 'integer', min: 0, max: 2 ** 31 - 1 },
    tcpEstablishedTimeout: duration,
    tcpCloseWaitTimeout: duration,
    tcpBeLiberal: boolean,
    udpTimeout: duration,
    udpStreamTimeout: duration,
  }),
  configSyncPeriod: duration,
  portRange: string,
  windowsRunAsService: boolean,
};
