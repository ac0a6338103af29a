// What kube-proxy v1.36.2 programmed for 102 snapshots, followed packet by packet: the flows of Services must be those that Kubernetes
// documents (kube-proxy's own test of them is TestInternalExternalMasquerade), whoever sends: a Pod, the node, somebody outside.
import assert from 'node:assert/strict';
import { addressOf, endpointText } from '../../src/core/analyze/trace/address.ts';
import { PROTOCOL, type TracePacket } from '../../src/core/analyze/trace/packet.ts';
import { evenShare, isWhole, addShares, NONE } from '../../src/core/analyze/trace/share.ts';
import { trace } from '../../src/core/analyze/trace/trace.ts';
import { decodeProxyConfig } from '../../src/core/model/config/decode-proxy-config.ts';
import { decodeSnapshot } from '../../src/core/model/decode/decode-snapshot.ts';
import { cidrContains, ipFamilies, isLoopback, parseIp, type Ip, type IpFamily } from '../../src/core/model/ip.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import type { Ruleset } from '../../src/core/ruleset/ruleset.ts';
import { endpointChainName } from '../../src/core/ruleset/service-chain-names.ts';
import { prepareSnapshot } from '../../src/core/services/api-server/prepare-snapshot.ts';
import type { Endpoint } from '../../src/core/services/endpoint.ts';
import { nodeFacts } from '../../src/core/services/node-facts.ts';
import { proxySettings, type ProxySettings } from '../../src/core/services/proxy-settings.ts';
import type { ServicePortEntry } from '../../src/core/services/service-port.ts';
import { buildServiceTable } from '../../src/core/services/service-table.ts';
import { addressIn, endShares, endText } from '../support/trace-packets.ts';
import { recordedConfig, recordedSnapshot, recordedText, referenceCases } from '../support/recordings.ts';

/** The machine that golden/reference was recorded on. */
const NODE_IP: Readonly<Record<IpFamily, string>> = { ipv4: '192.168.0.10', ipv6: '2001:db8:aaaa::10' };
/** A Pod that is no endpoint of anything. */
const POD: Readonly<Record<IpFamily, string>> = { ipv4: '10.244.255.250', ipv6: 'fd00:10:244:0:ffff::fa' };
const OUTSIDE: Readonly<Record<IpFamily, string>> = { ipv4: '198.18.0.9', ipv6: '2001:db8:ffff::9' };
const PROTOCOLS = { TCP: PROTOCOL.tcp, UDP: PROTOCOL.udp, SCTP: PROTOCOL.sctp } as const;

type From = 'pod' | 'node' | 'localhost' | 'external' | 'endpoint';

interface Family {
  readonly ruleset: Ruleset;
  readonly settings: ProxySettings;
  readonly ports: readonly ServicePortEntry[];
  /** Pods of this node are in it, if the rules tell by address. */
  readonly podIp: Ip;
}

interface Flow {
  readonly from: From;
  readonly source: Ip;
  readonly to: Ip;
  readonly port: number;
}

function readFamily(name: string, family: IpFamily): Family {
  const { config } = decodeProxyConfig(recordedConfig(name), undefined);
  const documents: unknown[] = [recordedSnapshot(name)];
  const options = { applyDefaults: true, serviceCidrs: [], nodePortRange: { from: 30_000, to: 32_767 } };
  const { snapshot } = prepareSnapshot(decodeSnapshot(documents, []).snapshot, options);
  const node = nodeFacts(snapshot, config, { name: 'node-a', ips: [], localIps: [], zone: undefined }, []);
  assert.ok(node !== undefined);
  const settings = proxySettings(config, node, family, []);
  const { table } = buildServiceTable(snapshot, {
    family,
    nodeName: settings.nodeName,
    zone: settings.zone,
    applyDefaults: true,
    allowExternalIps: config.allowExternalIps,
  });
  const file = family === 'ipv4' ? 'iptables.save' : 'ip6tables.save';
  const { ruleset } = parseIptablesSave(recordedText(name, file), { family });
  const podIp = parseIp(config.detectLocal.mode === 'NodeCIDR' && family === 'ipv4' ? '10.244.0.250' : POD[family]);
  assert.ok(podIp !== undefined);
  return { ruleset, settings, ports: table.servicePorts, podIp };
}

/** Where a Pod's packet comes in: what an interface detector looks for. */
function interfaceOf(from: From, { localDetector }: ProxySettings): string {
  const isPod = from === 'pod' || from === 'endpoint';
  if (!isPod) return 'eth0';
  return localDetector.kind === 'interface' ? localDetector.name.replace(/\+$/, '12ab') : 'veth1';
}

function packetOf({ from, source, to, port }: Flow, entry: ServicePortEntry, settings: ProxySettings): TracePacket {
  const isOwn = from === 'node' || from === 'localhost';
  return {
    origin: isOwn ? 'node' : 'network',
    source: addressOf(source),
    destination: addressOf(to),
    protocol: PROTOCOLS[entry.protocol],
    destinationPort: port,
    inInterface: isOwn ? undefined : interfaceOf(from, settings),
    outInterface: 'eth0',
  };
}

/** Whether the rules take it for traffic of a Pod of this node. */
function isKnownPod({ from, source }: Flow, { localDetector }: ProxySettings): boolean {
  if (localDetector.kind === 'none') return false;
  if (localDetector.kind === 'interface') return from === 'pod' || from === 'endpoint';
  return cidrContains(localDetector.cidr, source);
}

interface Expectation {
  readonly endpoints: readonly Endpoint[];
  readonly masquerade: boolean;
}

const OF_ALL = 'refused';
const OF_OTHERS = 'dropped';

function toClusterIp(entry: ServicePortEntry, flow: Flow, settings: ProxySettings): Expectation | string {
  const { internalPolicyLocal, localEndpoints, clusterEndpoints, hasEndpoints } = entry;
  const endpoints = internalPolicyLocal ? localEndpoints : clusterEndpoints;
  if (endpoints.length === 0) return hasEndpoints ? OF_OTHERS : OF_ALL;
  const detects = settings.localDetector.kind !== 'none';
  return { endpoints, masquerade: settings.masqueradeAll || (detects && !isKnownPod(flow, settings)) };
}

/** kube-proxy asks INPUT and FORWARD for external addresses without endpoints, not OUTPUT: what the node sends there leaves untouched. */
function toExternal(entry: ServicePortEntry, flow: Flow, settings: ProxySettings): Expectation | string {
  const expected = toExternalOf(entry, flow, settings);
  const leaves = flow.from === 'node' && flow.to.text !== NODE_IP[settings.family];
  if (typeof expected !== 'string' || !leaves) return expected;
  return endpointText(addressOf(flow.to), flow.port);
}

function toExternalOf(entry: ServicePortEntry, flow: Flow, settings: ProxySettings): Expectation | string {
  const { externalPolicyLocal, localEndpoints, clusterEndpoints, hasEndpoints } = entry;
  if (!externalPolicyLocal) {
    if (clusterEndpoints.length === 0) return hasEndpoints ? OF_OTHERS : OF_ALL;
    return { endpoints: clusterEndpoints, masquerade: true };
  }
  const isOwn = flow.from === 'node' || flow.from === 'localhost';
  if (isKnownPod(flow, settings) || isOwn) {
    if (clusterEndpoints.length > 0)
      return { endpoints: clusterEndpoints, masquerade: isOwn && !isKnownPod(flow, settings) };
    return OF_ALL;
  }
  if (localEndpoints.length > 0) return { endpoints: localEndpoints, masquerade: false };
  return hasEndpoints ? OF_OTHERS : OF_ALL;
}

/** Source ranges are of no effect where there is nothing to protect (semantics 4.5). */
function toLoadBalancer(entry: ServicePortEntry, flow: Flow, settings: ProxySettings): Expectation | string {
  const { sourceRanges, reachableEndpoints } = entry;
  const expected = toExternal(entry, flow, settings);
  if (sourceRanges.length === 0 || reachableEndpoints.length === 0) return expected;
  return sourceRanges.some((range) => cidrContains(range, flow.source)) ? expected : OF_OTHERS;
}

function assertFlow(family: Family, entry: ServicePortEntry, flow: Flow, expected: Expectation | string): void {
  const { ruleset, settings } = family;
  const local = [addressIn(NODE_IP[settings.family])];
  const traced = trace(ruleset, packetOf(flow, entry, settings), { localAddresses: local });
  const what = `${entry.name} ${entry.protocol} from ${flow.from} ${flow.source.text} to ${flow.to.text}:${flow.port}`;
  assert.deepEqual(
    traced.open.map(({ yes }) => yes),
    [],
    what,
  );
  const shares = endShares(traced, (outcome) => {
    const { fate } = outcome;
    if (fate.kind === 'rejected') return OF_ALL;
    return 'address' in fate ? endText(outcome).replace(/^\w+ /, '') : fate.kind;
  });
  assert.ok(isWhole([...shares.values()].reduce(addShares, NONE)), `${what}: shares add up to 1`);
  if (typeof expected === 'string') {
    assert.deepEqual([...shares.keys()], [expected], what);
    return;
  }
  const { endpoints, masquerade } = expected;
  const ends = endpoints.map(({ ip, port, text }) => {
    // An endpoint that asks its own Service would not know the answer.
    const isHairpin = ip.text === flow.source.text;
    assert.ok(port > 0);
    return `${text}${masquerade || isHairpin ? ' masqueraded' : ''}`;
  });
  assert.deepEqual([...shares.keys()].toSorted(), ends.toSorted(), what);
  for (const share of shares.values()) assert.equal(evenShare(share), endpoints.length, what);
}

/** All who may ask for a service port: strangers, and one of its own endpoints if that is a Pod of this node. */
function flowsTo(family: Family, entry: ServicePortEntry, to: Ip, port: number): readonly Flow[] {
  const node = parseIp(NODE_IP[family.settings.family]);
  const outside = parseIp(OUTSIDE[family.settings.family]);
  assert.ok(node !== undefined && outside !== undefined);
  const own = entry.localEndpoints.find(({ ip }) => ip.text !== node.text);
  const sources: readonly (readonly [From, Ip])[] = [
    ['pod', family.podIp],
    ['node', isLoopback(to) ? to : node],
    ['external', outside],
    ...(own === undefined ? [] : [['endpoint', own.ip] as const]),
  ];
  return sources.map(([from, source]) => ({ from, source, to, port }));
}

function checkPort(family: Family, entry: ServicePortEntry): number {
  const { settings } = family;
  let count = 0;
  const check = (to: Ip, port: number, expect: typeof toExternal): void => {
    for (const flow of flowsTo(family, entry, to, port)) {
      assertFlow(family, entry, flow, expect(entry, flow, settings));
      count += 1;
    }
  };
  check(entry.clusterIp, entry.port, toClusterIp);
  for (const ip of entry.externalIps) check(ip, entry.port, toExternal);
  for (const ip of entry.loadBalancerIps) check(ip, entry.port, toLoadBalancer);
  const { nodePortAddresses } = settings;
  const node = parseIp(NODE_IP[settings.family]);
  assert.ok(node !== undefined);
  const answers = (ip: Ip): boolean =>
    nodePortAddresses.kind === 'all-local' || nodePortAddresses.ips.some(({ text }) => text === ip.text);
  if (entry.nodePort !== 0 && answers(node)) check(node, entry.nodePort, toExternal);
  const localhost = parseIp('127.0.0.1');
  assert.ok(localhost !== undefined);
  if (entry.nodePort !== 0 && settings.localhostNodePorts && answers(localhost)) {
    const flow: Flow = { from: 'localhost', source: localhost, to: localhost, port: entry.nodePort };
    assertFlow(family, entry, flow, toExternal(entry, flow, settings));
    count += 1;
  }
  return count;
}

/** A client that was sent to an endpoint before is sent there again. */
function checkAffinity(family: Family, entry: ServicePortEntry): void {
  const { ruleset, settings } = family;
  const endpoints = entry.internalPolicyLocal ? entry.localEndpoints : entry.clusterEndpoints;
  const [flow] = flowsTo(family, entry, entry.clusterIp, entry.port);
  assert.ok(flow !== undefined);
  for (const endpoint of endpoints) {
    const list = endpointChainName(entry, endpoint.text);
    const { outcomes } = trace(ruleset, packetOf(flow, entry, settings), {
      localAddresses: [addressIn(NODE_IP[settings.family])],
      answer: ({ kind, subject }) => (kind === 'recent' ? subject === list : undefined),
    });
    assert.deepEqual(
      outcomes.map((outcome) => endText(outcome).split(' ')[1]),
      [endpoint.text],
    );
  }
}

describe('flows through what kube-proxy v1.36.2 programmed', () => {
  let flows = 0;

  it('has 102 cases', () => assert.ok(referenceCases.length >= 102));

  for (const name of referenceCases) {
    it(name, () => {
      for (const family of ipFamilies) {
        const read = readFamily(name, family);
        for (const entry of read.ports) {
          flows += checkPort(read, entry);
          if (entry.affinitySeconds !== undefined) checkAffinity(read, entry);
        }
      }
    });
  }

  it('is about thousands of flows', () => assert.ok(flows > 2000, `only ${flows}`));
});
