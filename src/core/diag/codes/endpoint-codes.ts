export const endpointCodes = {
  'slice-without-service': {
    severity: 'warning',
    title: 'an EndpointSlice that belongs to no Service',
    explanation:
      'The label kubernetes.io/service-name is missing, so kube-proxy cannot tell whose endpoints these are and ignores them.',
  },
  'slice-for-unknown-service': {
    severity: 'info',
    title: 'an EndpointSlice whose Service is not in the input',
    explanation:
      'The slice names a Service that was not read. Perhaps the Service is gone, or only part of the objects was given.',
  },
  'slice-fqdn': {
    severity: 'info',
    title: 'an EndpointSlice of names, not addresses',
    explanation: 'addressType FQDN cannot be turned into packet rules; kube-proxy ignores such slices.',
  },
  'slice-port-skipped': {
    severity: 'warning',
    title: 'a slice port without a number',
    explanation:
      'A port of an EndpointSlice has no number or number 0 (which means all ports). kube-proxy makes no rules for it.',
  },
  'endpoint-skipped': {
    severity: 'warning',
    title: 'an endpoint without a usable address',
    explanation:
      'The endpoint has no address, or one that cannot be read, or one of another family than the slice says. kube-proxy skips it.',
  },
  'duplicate-endpoint': {
    severity: 'warning',
    title: 'one endpoint is listed more than once',
    explanation:
      'The same address and port stand in several EndpointSlices of one Service (or twice in one), as while slices are rebalanced. kube-proxy takes the slices in random order, so if the entries differ the outcome is chance. chainsmith is deterministic: a terminating entry never replaces another; else the slice whose name sorts first wins.',
  },
  'topology-not-used': {
    severity: 'info',
    title: 'topology hints that have no effect',
    explanation:
      'Hints are used only if every ready endpoint has one, the node knows its zone (label topology.kubernetes.io/zone), and at least one endpoint is meant for this node or zone (KEP-2433, KEP-4444, KEP-3015). Otherwise all endpoints are used; the message says which condition failed.',
  },
  'slice-port-unmatched': {
    severity: 'warning',
    title: 'endpoints for a port that the Service does not have',
    explanation:
      'Endpoints find the port of their Service by its name and protocol, not by its number (an unnamed port has the name ""). An EndpointSlice of the Service has a port that no port of the Service matches, so its endpoints are not used; a port that gets no endpoints is rejected. Usual causes are a renamed port, a hand-made slice whose port has a name while the Service\'s has none, and TCP against UDP.',
  },
} as const;
