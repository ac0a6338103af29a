export const serviceCodes = {
  'no-ports': {
    severity: 'error',
    title: 'a Service without ports',
    explanation: 'Only headless and ExternalName Services may have no ports. The Service was left out.',
  },
  'port-name-required': {
    severity: 'error',
    title: 'several ports, and one has no name',
    explanation:
      'With more than one port each needs a name, or endpoints cannot be matched to ports. The API server refuses such a Service. chainsmith compiles it as kube-proxy would, but reports it.',
  },
  'duplicate-port-name': {
    severity: 'error',
    title: 'two ports of one Service have the same name',
    explanation: 'Port names must be unique within a Service. The second port was left out.',
  },
  'duplicate-port': {
    severity: 'error',
    title: 'two ports of one Service have the same number and protocol',
    explanation:
      'Both would match the same packets. The API server refuses such a Service; the second port was left out.',
  },
  'duplicate-node-port': {
    severity: 'error',
    title: 'two ports of one Service have the same nodePort',
    explanation:
      'Ports of one Service may share a nodePort only if their protocols differ. The API server refuses such a Service; the second port is compiled without a nodePort.',
  },
  'node-port-out-of-range': {
    severity: 'error',
    title: 'a nodePort outside the node port range',
    explanation:
      'The API server takes nodePorts from 30000-32767 unless it was started with another --service-node-port-range. Give that flag if your cluster has another range. The port is compiled all the same.',
  },
  'cluster-ip-out-of-range': {
    severity: 'error',
    title: 'a clusterIP outside the service CIDR',
    explanation:
      '--service-cidr was given and the address is not in it; the API server would refuse the Service. It is compiled all the same.',
  },
  'cluster-ip-conflict': {
    severity: 'error',
    title: 'two Services claim one clusterIP',
    explanation:
      'An address belongs to one Service. The first by namespace and name keeps it; the other has no rules in that family.',
  },
  'frontend-conflict': {
    severity: 'error',
    title: 'two Services claim one address and port',
    explanation:
      'Two Services ask for the same external IP, load balancer IP or nodePort with the same port and protocol. kube-proxy does not notice: which one wins depends on chance and differs from node to node. chainsmith gives it to the first by namespace and name, and leaves it out of the other.',
  },
  'family-mismatch': {
    severity: 'error',
    title: 'ipFamilies and addresses of a Service disagree',
    explanation:
      'clusterIPs must name one address per entry of ipFamilies, of that family. The API server refuses such a Service; what can be matched is compiled.',
  },
  'other-proxy': {
    severity: 'info',
    title: 'a Service that another proxy serves',
    explanation:
      'The label service.kubernetes.io/service-proxy-name tells kube-proxy to leave the Service to somebody else, whatever its value is. It has no rules.',
  },
  'headless-service': {
    severity: 'info',
    title: 'a headless Service',
    explanation:
      'clusterIP is None (or the label service.kubernetes.io/headless is set): clients get the addresses of the Pods from DNS. It has no rules, not even for nodePorts.',
  },
  'external-name-service': {
    severity: 'info',
    title: 'an ExternalName Service',
    explanation: 'It is only a DNS alias and has no rules, even if it has a clusterIP.',
  },
  'service-without-cluster-ip': {
    severity: 'warning',
    title: 'a Service without a clusterIP',
    explanation:
      'The object has no clusterIP: --no-defaults says not to choose one, or there was none to give it, as another message says. kube-proxy makes no rules for such a Service, not even for its nodePorts.',
  },
  'invalid-address': {
    severity: 'warning',
    title: 'a text that is no usable IP address or CIDR',
    explanation:
      'An external IP, load balancer IP or source range cannot be read as an address. kube-proxy skips such an entry and takes the others; so does chainsmith. A skipped source range can open or close more than was meant.',
  },
  'source-ranges-other-family': {
    severity: 'warning',
    title: 'source ranges exist, but none for this IP family',
    explanation:
      'loadBalancerSourceRanges names only ranges of the other IP family. For this family that is the same as no ranges at all: the load balancer address is open to everybody.',
  },
  'load-balancer-hostname': {
    severity: 'info',
    title: 'a load balancer that is known by name only',
    explanation:
      'status.loadBalancer.ingress has a hostname and no ip, so there is no address to make rules for. Traffic reaches the nodes through the load balancer.',
  },
  'load-balancer-proxy-mode': {
    severity: 'info',
    title: 'a load balancer address with ipMode Proxy',
    explanation:
      'ipMode: Proxy says that the load balancer must see the traffic (KEP-1860). kube-proxy makes no rules for the address, so nodes and Pods go through the load balancer too.',
  },
  'health-check-node-port-missing': {
    severity: 'warning',
    title: 'no healthCheckNodePort',
    explanation:
      'A LoadBalancer Service with externalTrafficPolicy: Local needs a healthCheckNodePort so that load balancers can find the nodes with endpoints. There is no rule for it.',
  },
  'external-ips-off': {
    severity: 'info',
    title: 'externalIPs are switched off',
    explanation:
      'The configuration turns the feature gate AllowServiceExternalIPs off (KEP-5707: externalIPs are deprecated since Kubernetes 1.36). kube-proxy then makes no rules for them; the other addresses of the Service work as before.',
  },
} as const;
