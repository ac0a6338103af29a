/** Who makes chains with such names; the first that fits. */
const PROGRAMS: readonly (readonly [name: string, chain: RegExp])[] = [
  ['kubelet', /^KUBE-(?:KUBELET-CANARY|IPTABLES-HINT|MARK-DROP)$/],
  ['kube-router', /^KUBE-(?:ROUTER|NWPLCY|POD-FW|SRC|DST)(?:-|$)/],
  ['host ports of the container runtime', /^KUBE-(?:HOSTPORTS$|HP-)/],
  ['docker', /^DOCKER/],
  ['calico', /^(?:cali|felix)-/],
  ['cilium', /^(?:OLD_)?CILIUM_/],
  ['flannel', /^FLANNEL/],
  ['weave', /^WEAVE/],
  ['antrea', /^ANTREA-/],
  ['ovn-kubernetes', /^OVN-KUBE-/],
  ['kube-ovn', /^OVN-/],
  ['openshift-sdn', /^OPENSHIFT-|^KUBE-MARK-CSNAT/],
  ['aws-vpc-cni', /^AWS-/],
  ['kindnet', /^KIND-/],
  ['romana', /^ROMANA-/],
  ['kilo', /^KILO-/],
  ['submariner', /^SUBMARINER-/],
  ['CNI plugins', /^CNI-/],
  ['ip-masq-agent', /^IP-MASQ/],
  ['istio', /^ISTIO_|^ztunnel-/],
  ['linkerd', /^PROXY_INIT_/],
  ['rancher', /^CATTLE_/],
  ['podman', /^NETAVARK/],
  ['libvirt', /^LIBVIRT_/],
  ['tailscale', /^ts-(?:input|forward|postrouting)$/],
  ['fail2ban', /^(?:f2b|fail2ban)-/],
  ['ufw', /^ufw6?-/],
  ['firewalld', /^(?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)_(?:direct|ZONES|POLICIES|IN_ZONES|OUT_ZONES)/],
  ['firewalld', /^(?:IN|FWD[IO]?|FWD|PRE|POST)_\w+(?:_(?:log|deny|allow|pre|post))?$/],
  ['shorewall', /^(?:shorewall|net2fw|fw2net|net-fw|fw-net|smurfs|logflags)$/],
];

/** The program that a chain is of, as far as its name tells; undefined for a built-in chain, and for one of kube-proxy. */
export function programOf(chain: string): string | undefined {
  return PROGRAMS.find(([, pattern]) => pattern.test(chain))?.[0];
}
