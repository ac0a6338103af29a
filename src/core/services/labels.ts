/** Hands a Service to another proxy, whatever the value (KEP-2447). kube-proxy does not even watch objects that have it. */
export const SERVICE_PROXY_NAME_LABEL = 'service.kubernetes.io/service-proxy-name';

/** Marks headless Services and their slices; kube-proxy does not watch objects that have it, whatever the value. */
export const HEADLESS_LABEL = 'service.kubernetes.io/headless';

/** The zone of a node. */
export const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** Ties an EndpointSlice to its Service, which is in the same namespace. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
