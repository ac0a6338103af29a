// Wires a laboratory as addresses.ts draws it. Pods hang on routed links, one each, not on a bridge: then every packet between
// pods passes the node's rules whatever the machine's bridge-nf-call-iptables says, and a pod can reach itself through its
// Service (on a bridge that needs the port's hairpin mode).
import type { CommandRunner } from '../../src/host/exec.ts';
import { addAddress, addRoute, addVethPair, setLinkUp, setSysctl } from '../../src/host/netns.ts';
import {
  clientAddresses,
  GATEWAY,
  GATEWAY_B,
  NODE,
  NODE_B,
  NODE_ETH1,
  OUTSIDE,
  PODS_ON_B,
  type AddressPair,
} from './addresses.ts';
import { Lab } from './lab.ts';

export interface LabPod {
  /** Also its namespace's name and, after `pod-`, its link's on the node: at most 11 characters. */
  readonly name: string;
  readonly node: 'a' | 'b';
  readonly address: AddressPair;
}

export interface LabPlan {
  readonly prefix: string;
  readonly pods: readonly LabPod[];
  /** How many further addresses the outside client has. */
  readonly clients: number;
}

/** kube-proxy sets the first two itself, kubelet and the network plugin the others. */
const NODE_SYSCTLS: readonly (readonly [string, string])[] = [
  ['net.ipv4.conf.all.route_localnet', '1'],
  ['net.ipv4.ip_forward', '1'],
  ['net.ipv6.conf.all.forwarding', '1'],
  ['net.ipv4.conf.all.rp_filter', '0'],
  ['net.ipv4.conf.default.rp_filter', '0'],
  // The outside's way to a clusterIP leads through the node and would lead back to the outside. The redirects that the kernel
  // sends about this use up the ICMP messages it allows itself per second, and with them the answers of REJECT.
  ['net.ipv4.conf.all.send_redirects', '0'],
  ['net.ipv4.conf.default.send_redirects', '0'],
  ['net.ipv4.icmp_ratelimit', '0'],
  ['net.ipv6.icmp.ratelimit', '0'],
];

/** Hosts `node`, `outside`, `node-b` when a pod is on it, and one per pod. On failure nothing is left. */
export async function buildLab(runner: CommandRunner, plan: LabPlan): Promise<Lab> {
  const lab = new Lab(runner, plan.prefix);
  try {
    await addRouter(lab, 'node');
    await addOutside(lab, plan.clients);
    if (plan.pods.some((pod) => pod.node === 'b')) await addNodeB(lab);
    for (const pod of plan.pods) await addPod(lab, pod);
    return lab;
  } catch (error) {
    await lab.remove();
    throw error;
  }
}

/** Without this the links' own addresses are tentative for a second or two, and so is IPv6. */
async function addHost(lab: Lab, host: string): Promise<string> {
  const namespace = await lab.addHost(host);
  await setSysctl(lab.runner, namespace, 'net.ipv6.conf.default.accept_dad', '0');
  await setLinkUp(lab.runner, { namespace, device: 'lo' });
  return namespace;
}

async function addRouter(lab: Lab, host: string): Promise<void> {
  const namespace = await addHost(lab, host);
  for (const [key, value] of NODE_SYSCTLS) await setSysctl(lab.runner, namespace, key, value);
}

async function addOutside(lab: Lab, clients: number): Promise<void> {
  const { runner } = lab;
  const namespace = await addHost(lab, 'outside');
  const outside = { namespace, device: 'eth0' };
  const node = { namespace: lab.namespaceOf('node'), device: 'eth0' };
  await addVethPair(runner, node, outside);
  await addBoth(lab, 'node', 'eth0', NODE, ['24', '64']);
  await addBoth(lab, 'outside', 'eth0', OUTSIDE, ['24', '64']);
  for (const client of clientAddresses(clients)) await addBoth(lab, 'outside', 'lo', client, ['32', '128']);
  // The way out of the node ends here: nothing forwards further.
  await routeBoth(lab, 'node', ['default', 'default'], OUTSIDE);
  await routeBoth(lab, 'outside', ['default', 'default'], NODE);
}

async function addNodeB(lab: Lab): Promise<void> {
  await addRouter(lab, 'node-b');
  const nodeB = { namespace: lab.namespaceOf('node-b'), device: 'eth0' };
  await addVethPair(lab.runner, { namespace: lab.namespaceOf('node'), device: 'eth1' }, nodeB);
  await addBoth(lab, 'node', 'eth1', NODE_ETH1, ['24', '64']);
  await addBoth(lab, 'node-b', 'eth0', NODE_B, ['24', '64']);
  await routeBoth(lab, 'node', [PODS_ON_B.ipv4, PODS_ON_B.ipv6], NODE_B);
  await routeBoth(lab, 'node-b', ['default', 'default'], NODE_ETH1);
}

async function addPod(lab: Lab, pod: LabPod): Promise<void> {
  const { runner } = lab;
  const host = pod.node === 'a' ? 'node' : 'node-b';
  const gateway = pod.node === 'a' ? GATEWAY : GATEWAY_B;
  const namespace = await addHost(lab, pod.name);
  const device = `pod-${pod.name}`;
  await addVethPair(runner, { namespace: lab.namespaceOf(host), device }, { namespace, device: 'eth0' });
  await addBoth(lab, host, device, gateway, ['32', '128']);
  await addBoth(lab, pod.name, 'eth0', pod.address, ['32', '128']);
  for (const family of ['ipv4', 'ipv6'] as const) {
    await addRoute(runner, lab.namespaceOf(host), { to: pod.address[family], device });
    await addRoute(runner, namespace, { to: gateway[family], device: 'eth0' });
  }
  await routeBoth(lab, pod.name, ['default', 'default'], gateway);
}

async function addBoth(
  lab: Lab,
  host: string,
  device: string,
  address: AddressPair,
  [length4, length6]: readonly [string, string],
): Promise<void> {
  const end = { namespace: lab.namespaceOf(host), device };
  await addAddress(lab.runner, end, `${address.ipv4}/${length4}`);
  await addAddress(lab.runner, end, `${address.ipv6}/${length6}`);
}

async function routeBoth(
  lab: Lab,
  host: string,
  [to4, to6]: readonly [string, string],
  via: AddressPair,
): Promise<void> {
  await addRoute(lab.runner, lab.namespaceOf(host), { to: to4, via: via.ipv4 });
  await addRoute(lab.runner, lab.namespaceOf(host), { to: to6, via: via.ipv6 });
}
