export const configCodes = {
  'config-unknown-field': {
    severity: 'error',
    title: 'a field that KubeProxyConfiguration does not have',
    explanation:
      'The configuration file has a field that kube-proxy v1.36 does not know, probably a slip. The message names the nearest known field.',
  },
  'config-invalid-value': {
    severity: 'error',
    title: 'a configuration value that kube-proxy would refuse',
    explanation:
      'The value has the wrong type or is outside its limits. It can come from the file given with --config or from a flag.',
  },
  'config-without-effect': {
    severity: 'warning',
    title: 'a configuration value that the mode of local detection does not use',
    explanation:
      'The bridge or the interface prefix is used only in its own detectLocalMode: bridgeInterface in BridgeInterface, interfaceNamePrefix in InterfaceNamePrefix. In another mode kube-proxy ignores it. Set the mode as well, by --detect-local-mode or in the file.',
  },
  'config-ambiguous': {
    severity: 'error',
    title: 'several KubeProxyConfigurations',
    explanation:
      'The file given with --config holds more than one KubeProxyConfiguration, and a kube-proxy has one. Give a file with the one that is meant.',
  },
  'config-wrong-kind': {
    severity: 'error',
    title: 'not a KubeProxyConfiguration',
    explanation:
      '--config takes a file of apiVersion kubeproxy.config.k8s.io/v1alpha1 and kind KubeProxyConfiguration, or the ConfigMap of kube-proxy that contains one.',
  },
  'config-mode-not-compiled': {
    severity: 'error',
    title: 'a proxy mode that chainsmith cannot compile yet',
    explanation:
      'The modes iptables and ipvs are compiled, nftables is not. The ipvs mode is more than rules: verify proves it with --ipvs FILE and --ipset FILE, and diff compares it with the iptables mode by --modes; what looks at rules alone does not take it. Give --proxy-mode iptables to see what that mode would do on the same node.',
  },
  'ipvs-state-missing': {
    severity: 'error',
    title: 'rules of the ipvs mode without virtual servers and sets',
    explanation:
      'In the ipvs mode rules only mark packets and let them pass, as sets say; where packets go is in the virtual servers of the kernel. So nothing can be proved of the rules alone. Take all three on the node, and give --ipvs FILE (what ipvsadm -Sn prints) and --ipset FILE (what ipset save prints) with the rules. To judge them as rules of the iptables mode all the same, give --proxy-mode iptables.',
  },
  'node-ambiguous': {
    severity: 'error',
    title: 'several Nodes, and none was chosen',
    explanation:
      'The rules of a node depend on which node it is: which endpoints are local, its zone, its addresses. Choose one with --node NAME.',
  },
  'node-not-found': {
    severity: 'warning',
    title: 'the chosen Node is not in the input',
    explanation:
      'Without the Node object its addresses, zone and Pod CIDRs are unknown unless flags give them: --node-ip, --zone, --cluster-cidr. Endpoints are still matched by the name. Compare the spelling with the nodeName of the endpoints.',
  },
  'node-unknown': {
    severity: 'info',
    title: 'no node was named, and the input has no Node',
    explanation:
      'No endpoint counts as local, and the addresses of the node are unknown. Rules of Services with the traffic policy Local depend on it. Give --node NAME.',
  },
  'no-local-detector': {
    severity: 'warning',
    title: 'the Pods of the node cannot be told from other traffic',
    explanation:
      'kube-proxy masquerades traffic to a clusterIP that does not come from a local Pod. It finds local Pods by clusterCIDR, or as detectLocalMode says; here there is nothing for this IP family, so that traffic is not masqueraded (in ipvs mode only that of the node itself is) and replies to clients outside the cluster may never return. Set --cluster-cidr.',
  },
  'node-port-addresses-unmatched': {
    severity: 'warning',
    title: 'nodePortAddresses match no address of the node',
    explanation:
      'nodePorts answer only on local addresses inside nodePortAddresses, and none of the known local addresses is, so nodePorts are not reachable in this family. Give the addresses of the node with --node-ip or --local-ip.',
  },
  'node-addresses-unknown': {
    severity: 'warning',
    title: 'nodePorts of the ipvs mode need the addresses of the node',
    explanation:
      'In the ipvs mode a nodePort is a virtual server for each address of the node, and no address of this family is known, so nodePorts are not reachable in it. The Node object has one address per family; give those that are missing with --node-ip, and others with --local-ip.',
  },
  'localhost-node-ports-off': {
    severity: 'info',
    title: 'nodePorts do not answer on localhost',
    explanation:
      'nodePortAddresses contain no IPv4 loopback range, so kube-proxy turns localhostNodePorts off: no rule for 127.0.0.0/8, no route_localnet.',
  },
  'node-port-primary-unknown': {
    severity: 'warning',
    title: 'nodePortAddresses is primary, and the node has no known IP of a family',
    explanation:
      "primary stands for the node's own IPs. Where the node has none of an IP family, kube-proxy has no address to limit nodePorts to in that family, and they answer on every local address. Give the address with --node-ip if the node has one.",
  },
} as const;
