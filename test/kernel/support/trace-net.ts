// Three hosts in a row, for packets that rules in the middle one may do anything with:
//
//   client ---- eth0 router eth1 ---- server
//
// The router has its first address on both links, and a second one on lo. No process listens anywhere: a SYN that arrives is answered
// with a reset, a datagram with an ICMP error, a ping with a pong, each exactly once, by the kernel. What arrives is counted by rules of
// the server and the client.
import { addAddress, addRoute, addVethPair, setLinkUp, setSysctl } from '../../../src/host/netns.ts';
import { hostRunner, type CommandRunner } from '../../../src/host/exec.ts';
import type { Family } from '../../../scripts/lab/addresses.ts';
import { restoreRules, type Variant } from '../../../scripts/lab/iptables.ts';
import { Lab } from '../../../scripts/lab/lab.ts';

export const ADDRESSES = {
  ipv4: {
    client: ['10.9.1.2', '10.9.1.3'],
    /** The first one is that of the links. */
    router: ['10.9.0.1', '10.9.0.2'],
    server: ['10.9.2.2', '10.9.2.3'],
    /** Nobody has them; they are routed to the server. */
    virtual: ['10.9.6.1', '10.9.6.2'],
    /** For SNAT; nobody has them. */
    spare: ['10.9.7.1'],
    clientNet: '10.9.1.0/24',
    serverNet: '10.9.2.0/24',
    virtualNet: '10.9.6.0/23',
  },
  ipv6: {
    client: ['fd09:1::2', 'fd09:1::3'],
    router: ['fd09::1', 'fd09::2'],
    server: ['fd09:2::2', 'fd09:2::3'],
    virtual: ['fd09:6::1', 'fd09:6::2'],
    spare: ['fd09:7::1'],
    clientNet: 'fd09:1::/64',
    serverNet: 'fd09:2::/64',
    virtualNet: 'fd09:6::/63',
  },
} as const;

export const PORTS = [53, 80, 8080, 9090] as const;

export async function buildTraceNet(prefix: string): Promise<Lab> {
  const lab = new Lab(hostRunner, prefix);
  try {
    for (const host of ['client', 'router', 'server']) {
      const namespace = await lab.addHost(host);
      await setSysctl(hostRunner, namespace, 'net.ipv6.conf.default.accept_dad', '0');
      await setSysctl(hostRunner, namespace, 'net.ipv4.icmp_ratelimit', '0');
      await setSysctl(hostRunner, namespace, 'net.ipv6.icmp.ratelimit', '0');
      await setLinkUp(hostRunner, { namespace, device: 'lo' });
    }
    await prepareRouter(lab);
    await addEnd(lab, 'client', 'eth0', ['24', '64']);
    await addEnd(lab, 'server', 'eth1', ['24', '64']);
    for (const family of ['ipv4', 'ipv6'] as const) {
      const { router, clientNet, server } = ADDRESSES[family];
      for (const device of ['eth0', 'eth1', 'lo']) {
        const address = `${device === 'lo' ? router[1] : router[0]}/${family === 'ipv4' ? 32 : 128}`;
        await addAddress(hostRunner, { namespace: lab.namespaceOf('router'), device }, address);
      }
      await addRoute(hostRunner, lab.namespaceOf('router'), { to: clientNet, device: 'eth0' });
      await addRoute(hostRunner, lab.namespaceOf('router'), { to: ADDRESSES[family].serverNet, device: 'eth1' });
      await addRoute(hostRunner, lab.namespaceOf('router'), { to: 'default', via: server[0] });
      await restoreRules(lab.on('server'), family, 'nft', countingRules(family));
      await restoreRules(lab.on('client'), family, 'nft', answerRules(family));
    }
    return lab;
  } catch (error) {
    await lab.remove();
    throw error;
  }
}

async function prepareRouter(lab: Lab): Promise<void> {
  const namespace = lab.namespaceOf('router');
  for (const [key, value] of [
    ['net.ipv4.ip_forward', '1'],
    ['net.ipv6.conf.all.forwarding', '1'],
    ['net.ipv4.conf.all.rp_filter', '0'],
    ['net.ipv4.conf.default.rp_filter', '0'],
    ['net.ipv4.conf.all.send_redirects', '0'],
    ['net.ipv4.conf.default.send_redirects', '0'],
  ] as const) {
    await setSysctl(hostRunner, namespace, key, value);
  }
}

async function addEnd(
  lab: Lab,
  host: 'client' | 'server',
  device: string,
  lengths: readonly [string, string],
): Promise<void> {
  const end = { namespace: lab.namespaceOf(host), device: 'eth0' };
  await addVethPair(hostRunner, { namespace: lab.namespaceOf('router'), device }, end);
  for (const [i, family] of (['ipv4', 'ipv6'] as const).entries()) {
    for (const address of ADDRESSES[family][host]) await addAddress(hostRunner, end, `${address}/${lengths[i] ?? ''}`);
    const router = ADDRESSES[family].router[0];
    await addRoute(hostRunner, end.namespace, { to: `${router}/${family === 'ipv4' ? 32 : 128}`, device: 'eth0' });
    await addRoute(hostRunner, end.namespace, { to: 'default', via: router });
  }
}

/** Every address and port that a packet may go to, and every address that it may come from. */
function countingRules(family: Family): string {
  const { server, virtual, client, router, spare } = ADDRESSES[family];
  const lines = [...server, ...virtual].flatMap((address) => [
    ...PORTS.flatMap((port) =>
      ['tcp', 'udp'].map(
        (protocol) =>
          `-A PREROUTING -d ${address} -p ${protocol} -m ${protocol} --dport ${port} -m comment --comment "to ${address} ${protocol} ${port}"`,
      ),
    ),
    `-A PREROUTING -d ${address} -p ${pingOf(family).protocol} -m ${pingOf(family).match} ${pingOf(family).request} -m comment --comment "to ${address} ping"`,
  ]);
  const { protocol, match, request } = pingOf(family);
  // Neighbours are looked for by other ICMPv6.
  const sources = [...client, ...router, ...spare].flatMap((address) =>
    ['-p tcp', '-p udp', `-p ${protocol} -m ${match} ${request}`].map(
      (which) => `-A PREROUTING -s ${address} ${which} -m comment --comment "from ${address}"`,
    ),
  );
  return ['*raw', ':PREROUTING ACCEPT [0:0]', ...lines, ...sources, 'COMMIT', ''].join('\n');
}

export function pingOf(family: Family): {
  readonly protocol: string;
  readonly match: string;
  readonly request: string;
} {
  return family === 'ipv4'
    ? { protocol: 'icmp', match: 'icmp', request: '--icmp-type 8' }
    : { protocol: 'ipv6-icmp', match: 'icmp6', request: '--icmpv6-type 128' };
}

/** What REJECT sends, by the name of --reject-with: type and code. */
export const REJECTIONS: Readonly<Record<Family, Readonly<Record<string, string>>>> = {
  ipv4: {
    'icmp-net-unreachable': '3/0',
    'icmp-host-unreachable': '3/1',
    'icmp-proto-unreachable': '3/2',
    'icmp-port-unreachable': '3/3',
    'icmp-admin-prohibited': '3/13',
  },
  ipv6: {
    'icmp6-no-route': '1/0',
    'icmp6-adm-prohibited': '1/1',
    'icmp6-addr-unreachable': '1/3',
    'icmp6-port-unreachable': '1/4',
  },
};

/** Counts refusals, and lets the client's kernel see no TCP: it knows of no connection, and would reset it. */
function answerRules(family: Family): string {
  const { protocol, match } = pingOf(family);
  const option = family === 'ipv4' ? '--icmp-type' : '--icmpv6-type';
  const errors = Object.entries(REJECTIONS[family]).map(
    ([name, type]) => `-A PREROUTING -p ${protocol} -m ${match} ${option} ${type} -m comment --comment "${name}"`,
  );
  const reset = '-A PREROUTING -p tcp -m tcp --tcp-flags RST RST -m comment --comment "tcp-reset"';
  return ['*raw', ':PREROUTING ACCEPT [0:0]', ...errors, reset, '-A PREROUTING -p tcp -j DROP', 'COMMIT', ''].join(
    '\n',
  );
}

/** Errors about packets, and what IPv6 needs to find its neighbours, pass all rules unseen. */
export function guards(family: Family, chain: string): readonly string[] {
  if (family === 'ipv4') return [`-A ${chain} -p icmp -m icmp --icmp-type 3 -j ACCEPT`];
  return [1, 3, 133, 134, 135, 136, 137, 143].map(
    (type) => `-A ${chain} -p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j ACCEPT`,
  );
}

/** All of these in one program: starting one takes longer than what it does. */
export async function runScript(runner: CommandRunner, script: string): Promise<string> {
  const { stdout } = await runner.run('bash', ['-c', script], { timeoutMs: 60_000 });
  return stdout;
}

export function saveCommand(lab: Lab, host: string, family: Family, variant: Variant): string {
  const tool = family === 'ipv4' ? 'iptables' : 'ip6tables';
  return `ip netns exec ${lab.namespaceOf(host)} ${tool}-${variant}-save -c`;
}
