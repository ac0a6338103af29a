// What kube-proxy v1.36.2 programmed in ipvs mode for 39 snapshots, followed packet by packet: flows must be those that Kubernetes
// documents, with what the ipvs mode is known to do otherwise: a policy Local without an endpoint here falls back to all of them, and a
// Service without endpoints is refused by IPVS itself.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { VirtualServerIndex } from '../../src/core/analyze/ipvs/virtual-server-index.ts';
import { addressOf } from '../../src/core/analyze/trace/address.ts';
import { PROTOCOL, type TracePacket } from '../../src/core/analyze/trace/packet.ts';
import { addShares, evenShare, isWhole, NONE } from '../../src/core/analyze/trace/share.ts';
import { trace } from '../../src/core/analyze/trace/trace.ts';
import { cidrContains, type Ip, type IpFamily } from '../../src/core/model/ip.ts';
import type { Endpoint } from '../../src/core/services/endpoint.ts';
import type { ProxySettings } from '../../src/core/services/proxy-settings.ts';
import type { ServicePortEntry } from '../../src/core/services/service-port.ts';
import { ip } from '../support/builders.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { ipvsCases, readIpvsCase, type IpvsFamily } from '../support/ipvs-case.ts';
import { addressIn, endShares, endText } from '../support/trace-packets.ts';

const root = join(goldenRoot, 'reference');
const cases = ipvsCases(root);

const NODE_IP: Readonly<Record<IpFamily, string>> = { ipv4: '192.168.0.10', ipv6: '2001:db8:aaaa::10' };
const POD: Readonly<Record<IpFamily, string>> = { ipv4: '10.244.255.250', ipv6: 'fd00:10:244:0:ffff::fa' };
const OUTSIDE: Readonly<Record<IpFamily, string>> = { ipv4: '198.18.0.9', ipv6: '2001:db8:ffff::9' };
const PROTOCOLS = { TCP: PROTOCOL.tcp, UDP: PROTOCOL.udp, SCTP: PROTOCOL.sctp } as const;

type From = 'pod' | 'node' | 'external' | 'endpoint';

interface Flow {
  readonly from: From;
  readonly source: Ip;
  readonly to: Ip;
  readonly port: number;
}

interface Expectation {
  readonly endpoints: readonly Endpoint[];
  readonly masquerade: boolean;
}

type Expected = Expectation | 'refused' | 'dropped';

function endpointsOf(port: ServicePortEntry, local: boolean): readonly Endpoint[] {
  return local && port.localEndpoints.length > 0 ? port.localEndpoints : port.clusterEndpoints;
}

function toEndpoints(endpoints: readonly Endpoint[], masquerade: boolean): Expected {
  return endpoints.length === 0 ? 'refused' : { endpoints, masquerade };
}

/** Without a detector the node alone is masqueraded: it speaks to the address of a Service from that address. */
function toClusterIp(
  port: ServicePortEntry,
  { from, source }: Flow,
  { masqueradeAll, localDetector }: ProxySettings,
): Expected {
  const fromPod =
    localDetector.kind === 'source' ? cidrContains(localDetector.cidr, source) : from === 'pod' || from === 'endpoint';
  const masquerade = masqueradeAll || (localDetector.kind === 'none' ? from === 'node' : !fromPod);
  return toEndpoints(endpointsOf(port, port.internalPolicyLocal), masquerade);
}

function toExternal(port: ServicePortEntry): Expected {
  return toEndpoints(endpointsOf(port, port.externalPolicyLocal), !port.externalPolicyLocal);
}

/** Ranges count whether there are endpoints or not; the node comes from the load balancer IP itself, and may if its own address may. */
function toLoadBalancer(port: ServicePortEntry, { from, source, to }: Flow, { nodeIp }: ProxySettings): Expected {
  const asked = from === 'node' && to.text === source.text ? nodeIp : source;
  const isAllowed = port.sourceRanges.length === 0 || port.sourceRanges.some((range) => cidrContains(range, asked));
  const expected = toExternal(port);
  // IPVS is asked before the rule that drops what the node sends.
  return isAllowed || (expected === 'refused' && from === 'node') ? expected : 'dropped';
}

function packetOf(
  { from, source, to, port }: Flow,
  entry: ServicePortEntry,
  { localDetector }: ProxySettings,
): TracePacket {
  const isPod = from === 'pod' || from === 'endpoint';
  const bridge = localDetector.kind === 'interface' ? localDetector.name.replace(/\+$/, '12ab') : 'veth1';
  return {
    origin: from === 'node' ? 'node' : 'network',
    source: addressOf(source),
    destination: addressOf(to),
    protocol: PROTOCOLS[entry.protocol],
    destinationPort: port,
    inInterface: from === 'node' ? undefined : isPod ? bridge : 'eth0',
    outInterface: 'eth0',
  };
}

function assertFlow(family: IpvsFamily, entry: ServicePortEntry, flow: Flow, expected: Expected): void {
  const { ruleset, settings, sets, ipvs } = family;
  const local = [addressIn(NODE_IP[settings.family])];
  const traced = trace(ruleset, packetOf(flow, entry, settings), {
    localAddresses: local,
    sets,
    ipvs: new VirtualServerIndex(ipvs),
  });
  const what = `${entry.name} ${entry.protocol} from ${flow.from} ${flow.source.text} to ${flow.to.text}:${flow.port}`;
  assert.deepEqual(traced.open, [], what);
  const shares = endShares(traced, (outcome) => {
    const { fate } = outcome;
    if (fate.kind === 'rejected') return 'refused';
    return 'address' in fate ? endText(outcome).replace(/^\w+ /, '') : fate.kind;
  });
  assert.ok(isWhole([...shares.values()].reduce(addShares, NONE)), `${what}: shares add up to 1`);
  if (typeof expected === 'string') {
    assert.deepEqual([...shares.keys()], [expected], what);
    return;
  }
  const { endpoints, masquerade } = expected;
  const ends = endpoints.map((endpoint) => {
    // What stays on the node does not leave by POSTROUTING, unless it comes from the node.
    const stays = endpoint.ip.text === NODE_IP[settings.family] && flow.from !== 'node';
    const isHairpin = endpoint.ip.text === flow.source.text;
    return `${endpoint.text}${(masquerade || isHairpin) && !stays ? ' masqueraded' : ''}`;
  });
  assert.deepEqual([...shares.keys()].toSorted(), ends.toSorted(), what);
  for (const share of shares.values()) assert.equal(evenShare(share), endpoints.length, what);
}

/** The node speaks to an address of its own from that address, and those of Services are its own. */
function flowsTo({ settings }: IpvsFamily, entry: ServicePortEntry, to: Ip, port: number): readonly Flow[] {
  const own = entry.endpointsOnNode.find((endpoint) => endpoint.ip.text !== NODE_IP[settings.family]);
  const sources: readonly (readonly [From, Ip])[] = [
    [
      'pod',
      ip(
        settings.localDetector.kind === 'source' && settings.family === 'ipv4' ? podIn(settings) : POD[settings.family],
      ),
    ],
    ['node', to],
    ['external', ip(OUTSIDE[settings.family])],
    ...(own === undefined ? [] : [['endpoint', own.ip] as const]),
  ];
  return sources.map(([from, source]) => ({ from, source, to, port }));
}

function podIn({ localDetector }: ProxySettings): string {
  if (localDetector.kind !== 'source') return POD.ipv4;
  return cidrContains(localDetector.cidr, ip(POD.ipv4)) ? POD.ipv4 : '10.244.0.250';
}

function checkPort(family: IpvsFamily, entry: ServicePortEntry): number {
  const { settings } = family;
  let count = 0;
  const check = (
    to: Ip,
    port: number,
    expect: (entry: ServicePortEntry, flow: Flow, s: ProxySettings) => Expected,
  ): void => {
    for (const flow of flowsTo(family, entry, to, port)) {
      assertFlow(family, entry, flow, expect(entry, flow, settings));
      count += 1;
    }
  };
  check(entry.clusterIp, entry.port, toClusterIp);
  const isBoth = (address: Ip): boolean => entry.loadBalancerIps.some(({ text }) => text === address.text);
  for (const address of entry.externalIps) if (!isBoth(address)) check(address, entry.port, toExternal);
  for (const address of entry.loadBalancerIps) check(address, entry.port, toLoadBalancer);
  const { nodePortAddresses } = settings;
  const node = ip(NODE_IP[settings.family]);
  const answers =
    nodePortAddresses.kind === 'all-local' || nodePortAddresses.ips.some(({ text }) => text === node.text);
  if (entry.nodePort !== 0 && answers) check(node, entry.nodePort, toExternal);
  return count;
}

describe('flows through what kube-proxy v1.36.2 programmed in ipvs mode', () => {
  let flows = 0;

  it('has 39 cases', () => assert.ok(cases.length >= 39));

  for (const name of cases) {
    it(name, () => {
      for (const family of readIpvsCase(root, name)) {
        for (const entry of family.ports) {
          flows += checkPort(family, entry);
          // Nothing answers at other ports of the address of a Service (KUBE-IPVS-FILTER).
          const [other] = flowsTo(family, entry, entry.clusterIp, 9);
          assert.ok(other !== undefined);
          assertFlow(family, entry, other, 'refused');
        }
      }
    });
  }

  it('is about hundreds of flows', () => assert.ok(flows > 400, `only ${flows}`));
});
