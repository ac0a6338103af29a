export const objectCodes = {
  'invalid-field': {
    severity: 'error',
    title: 'a field has the wrong type or an impossible value',
    explanation:
      'The API server would refuse this object. It was left out as a whole, since the rest of it cannot be trusted; the message names the field, what was found and what is expected.',
  },
  'unknown-field': {
    severity: 'warning',
    title: 'a field that Kubernetes does not have, with a name like one that it has',
    explanation:
      'The field is probably misspelt (targetport for targetPort), and counts as not given. kubectl apply refuses it too unless told --validate=false. Only names that are near a known one are reported, so that fields of newer Kubernetes versions stay silent.',
  },
  'invalid-name': {
    severity: 'error',
    title: 'a name that Kubernetes does not allow',
    explanation:
      'Names and namespaces end up in comments and chain names of the rules, so only what Kubernetes allows (lower case letters, digits, "-", and "." in some names) is let through; nothing else may ever reach a rule. The object was left out.',
  },
  'duplicate-object': {
    severity: 'error',
    title: 'one object is given twice with different contents',
    explanation:
      'Two objects of the same kind, namespace and name differ, for example because a base and its overlay were both read. One is used, chosen by its content and not by its place in the input, so that the result is the same each time. Give only one of them.',
  },
  'no-services': {
    severity: 'warning',
    title: 'the input holds no Service',
    explanation:
      'Without a Service only the fixed chains are compiled; the command prints no rules at all if there are errors as well, since perhaps all Services were left out. Perhaps the wrong file was read, or the namespace is empty: kubectl get services,endpointslices,nodes -A -o json prints what is needed.',
  },
  'defaults-applied': {
    severity: 'info',
    title: 'fields were filled in as the API server does',
    explanation:
      'The manifest leaves fields out that the API server fills in when the object is created (type, protocol, targetPort, policies, ipFamilies ...). chainsmith used the same defaults. With --no-defaults it takes objects as they are.',
  },
  'cluster-ip-allocated': {
    severity: 'info',
    title: 'a clusterIP was chosen, since the manifest has none',
    explanation:
      'The API server gives each Service a free address of the service CIDR. Offline chainsmith chooses one by a hash of namespace and name, so that the choice is the same each time and other Services do not move it. Set --service-cidr to the range of your cluster, or put clusterIP in the manifest. A real cluster will choose another address.',
  },
  'node-port-allocated': {
    severity: 'info',
    title: 'a nodePort was chosen, since the manifest has none',
    explanation:
      'The API server gives each port of a NodePort or LoadBalancer Service a free number of the node port range. Offline chainsmith chooses one by a hash of namespace, name and port. A real cluster will choose another number; put nodePort in the manifest to fix it.',
  },
  'no-free-address': {
    severity: 'error',
    title: 'the service CIDR is full',
    explanation:
      'No address of the service CIDR is left for a Service that has none, so the Service has no rules in that family. Give a larger --service-cidr.',
  },
  'no-free-node-port': {
    severity: 'error',
    title: 'the node port range is full',
    explanation: 'No node port is left for a port that has none. Give a larger --service-node-port-range.',
  },
  'endpoints-from-pods': {
    severity: 'info',
    title: 'endpoints were computed from Pods',
    explanation:
      'The Service has a selector, and the input has neither EndpointSlices nor Endpoints for it. The endpoints are those that the EndpointSlice controller would make of the Pods in the input: all labels match, an address of the family, ready unless publishNotReadyAddresses.',
  },
  'endpoints-mirrored': {
    severity: 'info',
    title: 'an Endpoints object was read as EndpointSlices',
    explanation:
      'kube-proxy reads EndpointSlices only; a controller mirrors hand-made Endpoints into slices. chainsmith does the same. Where slices for the Service are in the input, they are used and the Endpoints object is not.',
  },
  'endpoints-not-mirrored': {
    severity: 'info',
    title: 'an Endpoints object was not read',
    explanation:
      'EndpointSlices for the Service are in the input, and they are what kube-proxy reads; or the label endpointslice.kubernetes.io/skip-mirror says that the writer of the Endpoints writes slices of its own, as the API server does for default/kubernetes; or --no-defaults says to take only what kube-proxy reads. If those slices are not in the input, add endpointslices to the objects you read.',
  },
  'endpoints-missing': {
    severity: 'warning',
    title: 'no endpoints are given for a Service with a selector',
    explanation:
      'The input has neither EndpointSlices nor Endpoints nor matching Pods for the Service, so its addresses are rejected ("has no endpoints"). If that is not meant, add endpointslices to the objects you read: kubectl get services,endpointslices,nodes -A -o json',
  },
  'pod-without-address': {
    severity: 'info',
    title: 'a selected Pod has no address',
    explanation:
      'The Pod matches the selector but its status has no podIP of the family, as in a manifest that was never run. It cannot be an endpoint.',
  },
  'named-port-not-found': {
    severity: 'warning',
    title: 'no container port has the name of targetPort',
    explanation:
      'targetPort is a name, and the Pod has no container port of that name and protocol. The Pod is no endpoint for this port, as in a cluster.',
  },
  'field-not-allowed': {
    severity: 'error',
    title: 'a field that does not go with the type of the Service',
    explanation:
      'The API server refuses the field for a Service of this type (or clears it). Such objects appear in hand-written manifests, often when the type was changed and the rest was not. kube-proxy looks at the field and not at the type, so it is compiled as it stands; --no-defaults takes objects without this check.',
  },
  'special-address': {
    severity: 'error',
    title: 'an address that no host can have',
    explanation:
      'The address is unspecified (0.0.0.0, ::), loopback, link-local or multicast. The API server refuses it for external IPs and endpoints, since traffic could be sent to the node itself or to nobody. It is compiled as kube-proxy would; --no-defaults takes objects without this check.',
  },
} as const;
