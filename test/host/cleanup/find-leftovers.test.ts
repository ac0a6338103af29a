import assert from 'node:assert/strict';
import { findLeftovers } from '../../../src/host/cleanup/find-leftovers.ts';
import { isClean, isSame, type Leftovers } from '../../../src/host/cleanup/leftovers.ts';
import { ToolsObjects } from '../../../src/host/cleanup/tools-objects.ts';
import { FakeNode, NO_FILE, type Answer } from './fake-node.ts';

const TOOLS = [
  'iptables-nft-save',
  'ip6tables-nft-save',
  'iptables-legacy-save',
  'ip6tables-legacy-save',
  'ipset',
  'nft',
  'nfacct',
  'ip',
  'ipvsadm',
];
const NO_TABLE: Answer = { exitCode: 1, stderr: 'Error: No such file or directory\n' };
const HEADER =
  'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress\n';

/** Linux 6.1 with IPVS and all tools, on which nothing was ever done. */
const EMPTY: Readonly<Record<string, Answer>> = {
  'cat /proc/net/if_inet6': '',
  'iptables-nft-save': '',
  'ip6tables-nft-save': '',
  'iptables-nft-save -t nat': '',
  'ip6tables-nft-save -t nat': '',
  'cat /proc/net/ip_tables_names': '',
  'cat /proc/net/ip6_tables_names': '',
  'ipset list -t': '',
  'cat /proc/net/dev': 'Inter-|   Receive\n    lo: 0 0\n  eth0: 0 0\n',
  'cat /proc/net/ip_vs': HEADER,
  'nft --check add chain ip kube-proxy services': NO_TABLE,
  'nft --check add chain ip6 kube-proxy services': NO_TABLE,
  'nfacct list': '',
  'ls /sys/module': 'xt_set\n',
  'uname -r': '6.1.0\n',
  'cat /lib/modules/6.1.0/modules.builtin': 'kernel/fs/ext4/ext4.ko\n',
  'cat /proc/sys/net/ipv4/conf/all/route_localnet': '0\n',
};

async function find(
  changes: Readonly<Record<string, Answer>>,
  installed: readonly string[] = TOOLS,
  netns?: string,
): Promise<Leftovers> {
  const node = new FakeNode({ ...EMPTY, ...changes }, installed);
  const kernel = new ToolsObjects(node, { timeoutMs: 1000 });
  const options = { variants: ['nft', 'legacy'], rulesOnly: false, all: false, timeoutMs: 1000, kernel } as const;
  return await findLeftovers(node, { ...options, netns });
}

const without = (...tools: readonly string[]): readonly string[] => TOOLS.filter((tool) => !tools.includes(tool));

function sets(...references: readonly (readonly [string, number])[]): string {
  return references
    .map(([name, count]) => `Name: ${name}\nType: hash:ip\nReferences: ${count}\nNumber of entries: 0\n`)
    .join('\n');
}

describe('findLeftovers', () => {
  it('finds nothing on a clean node, and does not ask iptables-legacy, which would make tables', async () => {
    const found = await find({});
    assert.ok(isClean(found));
    assert.deepEqual([found.warnings, found.notes], [[], []]);
  });

  it('finds nothing on a kernel that has nothing of all this', async () => {
    const none = Object.keys(EMPTY).filter((line) => line.startsWith('cat /proc/net/') && line !== 'cat /proc/net/dev');
    const found = await find(Object.fromEntries(none.map((line) => [line, NO_FILE])));
    assert.ok(isClean(found));
    assert.deepEqual(found.warnings, []);
  });

  it('says which part it could not look at, unless the kernel surely has nothing there', async () => {
    const none = await find({}, []);
    assert.deepEqual([none.warnings, none.unread], [[], []]);
    const { warnings, unread } = await find({ 'ls /sys/module': 'ip_set\nnf_tables\n', 'uname -r': NO_FILE }, []);
    assert.deepEqual(unread, [
      { variant: 'nft', family: 'ipv4', tables: undefined, tool: 'iptables-nft-save', why: 'not-installed' },
      { variant: 'nft', family: 'ipv6', tables: undefined, tool: 'ip6tables-nft-save', why: 'not-installed' },
    ]);
    assert.deepEqual(warnings, [
      'could not look for ipsets: ipset is not installed',
      'could not look for nft tables: nft is not installed',
      'could not look for nfacct objects: nfacct is not installed',
    ]);
    const failing = await find({
      'ipset list -t': { exitCode: 1, stderr: 'Kernel error' },
      'ls /sys/module': 'ip_set\n',
    });
    assert.deepEqual(failing.warnings, ['could not look for ipsets: ipset list -t: exit code 1: Kernel error']);
  });

  it('does not take legacy tables for none where their tool is missing, or where it may not look', async () => {
    const tables = { 'cat /proc/net/ip_tables_names': 'nat\nfilter\n' };
    const { unread, warnings } = await find(tables, without('iptables-legacy-save'));
    assert.deepEqual(unread, [
      { variant: 'legacy', family: 'ipv4', tables: 'nat filter', tool: 'iptables-legacy-save', why: 'not-installed' },
    ]);
    assert.deepEqual(warnings, []);
    const denied = { exitCode: 1, stderr: 'cat: /proc/net/ip_tables_names: Permission denied\n' };
    await assert.rejects(find({ 'cat /proc/net/ip_tables_names': denied }), { advice: 'run chainsmith as root' });
  });

  it('asks nft whether there are rules of iptables-nft where iptables-nft-save is missing', async () => {
    const missing: Answer = { exitCode: 1, stderr: 'Error: No such file or directory\n' };
    const asked = (family: string, table: string): string => `nft --check add chain ${family} ${table} services`;
    const tables = ['ip', 'ip6'].flatMap((family) => ['mangle', 'filter', 'nat'].map((table) => asked(family, table)));
    const none = Object.fromEntries(tables.map((line) => [line, missing]));
    const installed = without('iptables-nft-save', 'ip6tables-nft-save');
    const clean = await find(none, installed);
    assert.deepEqual([clean.unread, clean.warnings], [[], []]);
    const { unread } = await find({ ...none, [asked('ip', 'nat')]: '', [asked('ip', 'filter')]: '' }, installed);
    assert.deepEqual(unread, [
      { variant: 'nft', family: 'ipv4', tables: 'filter nat', tool: 'iptables-nft-save', why: 'not-installed' },
    ]);
  });

  it('looks for the rest on a kernel without nf_tables, but not where it may not look at all', async () => {
    const message = (why: string): Answer => ({
      exitCode: 1,
      stderr: `iptables-nft-save v1.8.9 (nf_tables): Could not fetch rule set generation id: ${why}\n`,
    });
    const none = message('Invalid argument');
    const set = sets(['KUBE-LOOP-BACK', 0]);
    const found = await find({ 'iptables-nft-save': none, 'ip6tables-nft-save': none, 'ipset list -t': set });
    assert.deepEqual([found.sets, found.warnings], [['KUBE-LOOP-BACK'], []]);
    // As these say it on Linux 6.1 without the modules.
    const nothing = await find({
      'iptables-nft-save': none,
      'ip6tables-nft-save': none,
      'ipset list -t': { exitCode: 1, stderr: 'ipset v7.17: Cannot open session to kernel.\n' },
      'nft --check add chain ip kube-proxy services': {
        exitCode: 1,
        stderr: 'netlink: Error: cache initialization failed: Invalid argument\n',
      },
      'nfacct list': { exitCode: 1, stderr: 'nfacct v1.0.2: error: Invalid argument\n' },
      'ls /sys/module': 'ip_set\nnf_tables\nnfnetlink_acct\n',
    });
    assert.ok(isClean(nothing));
    assert.deepEqual(nothing.warnings, []);
    const denied = message('Permission denied (you must be root)');
    await assert.rejects(find({ 'iptables-nft-save': denied }), { advice: 'run chainsmith as root' });
  });

  it('says where iptables-nft leaves a table out', async () => {
    const { unread } = await find({ 'iptables-nft-save': "# Table `nat' is incompatible, use 'nft' tool.\n" });
    const hidden = { variant: 'nft', family: 'ipv4', tables: 'nat', tool: 'iptables-nft-save', why: 'rules-of-nft' };
    assert.deepEqual(unread, [hidden]);
  });

  it('leaves sets alone that others use, or have made', async () => {
    const save = [
      '*filter',
      ':INPUT ACCEPT [0:0]',
      ':KUBE-IPVS-FILTER - [0:0]',
      '-A INPUT -m set --match-set KUBE-IPVS-IPS dst -j ACCEPT',
      '-A KUBE-IPVS-FILTER -m set --match-set KUBE-CLUSTER-IP dst,dst -j RETURN',
      '-A KUBE-IPVS-FILTER -m set --match-set KUBE-IPVS-IPS dst -j RETURN',
      'COMMIT',
      '',
    ].join('\n');
    const list = sets(['KUBE-CLUSTER-IP', 1], ['KUBE-IPVS-IPS', 2], ['KUBE-DST-X', 0], ['KUBE-6-LOOP-BACK', 0]);
    const found = await find({ 'iptables-nft-save': save, 'ipset list -t': list });
    assert.deepEqual(found.sets, ['KUBE-CLUSTER-IP', 'KUBE-6-LOOP-BACK']);
    assert.deepEqual(found.notes, ['the ipset KUBE-IPVS-IPS stays: 1 other rule or set refers to it']);
  });

  it('removes only virtual servers that are surely those of kube-proxy', async () => {
    const changes = {
      'cat /proc/net/dev': '    lo: 0\nkube-ipvs0: 0\n',
      'ip -o address show dev kube-ipvs0': [
        '3: kube-ipvs0    inet 10.96.1.1/32 scope global kube-ipvs0\\       valid_lft forever',
        '3: kube-ipvs0    inet6 fd00:10:96::1/128 scope global \\       valid_lft forever',
        '3: kube-ipvs0    inet6 fe80::1/64 scope link \\       valid_lft forever',
      ].join('\n'),
      'cat /proc/net/ip_vs': `${HEADER}TCP  0A600101:0050 rr\n  -> 0AF40001:1F90      Masq    1      0          0\n`,
      'ipvsadm -S -n': [
        '-A -t 10.96.1.1:80 -s rr',
        '-a -t 10.96.1.1:80 -r 10.244.0.1:8080 -m -w 1',
        '-A -u [fd00:10:96:0::1]:53 -s rr -p 600',
        '-A --sctp-service 10.96.1.1:9 -s rr',
        '-A -t 192.168.0.10:30080 -s rr',
        '-A -f 7 -s rr',
        '',
      ].join('\n'),
    };
    const found = await find(changes);
    assert.deepEqual(found.link, { addresses: ['10.96.1.1', 'fd00:10:96::1'] });
    assert.deepEqual(
      found.virtualServers.map(({ option, place }) => `${option} ${place}`),
      ['-t 10.96.1.1:80', '-u [fd00:10:96:0::1]:53', '--sctp-service 10.96.1.1:9'],
    );
    assert.match(found.notes.join(), /nodePorts or somebody else's: -t 192\.168\.0\.10:30080, -f 7; ipvsadm -D/);
    const tool = await find(changes, without('ipvsadm'));
    assert.match(tool.warnings.join(), /^the kernel has 1 IPVS virtual server, which stays: ipvsadm is not installed/);
    assert.deepEqual(tool.virtualServers, []);
  });

  it('knows the virtual servers of nodePorts by the sets that name the ports', async () => {
    const { virtualServers, notes } = await find({
      'ipset list -t': sets(['KUBE-NODE-PORT-TCP', 0]),
      'ipset save KUBE-NODE-PORT-TCP':
        'create KUBE-NODE-PORT-TCP bitmap:port range 0-65535\nadd KUBE-NODE-PORT-TCP 30080\n',
      'cat /proc/net/ip_vs': `${HEADER}TCP  C0A8000A:7580 rr\nTCP  C0A8000A:1388 rr\n`,
      'ipvsadm -S -n': '-A -t 192.168.0.10:30080 -s rr\n-A -t 192.168.0.10:5000 -s rr\n',
    });
    assert.deepEqual(
      virtualServers.map(({ place }) => place),
      ['192.168.0.10:30080'],
    );
    assert.match(notes.join(), /192\.168\.0\.10:5000/);
  });

  it('finds nft tables and counters, and keeps the counters of rules that stay', async () => {
    const counter = (name: string): string =>
      `{ pkts = 00000000000000000000, bytes = 00000000000000000000 } = ${name};\n`;
    const save =
      '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m nfacct --nfacct-name  localhost_nps_accepted_pkts\nCOMMIT\n';
    const found = await find({
      'nft --check add chain ip6 kube-proxy services': '',
      'nfacct list': ['mine', 'ct_state_invalid_dropped_pkts', 'localhost_nps_accepted_pkts'].map(counter).join(''),
      'iptables-nft-save': save,
    });
    assert.deepEqual(found.nftTables, ['ip6 kube-proxy']);
    assert.deepEqual(found.nfacct, ['ct_state_invalid_dropped_pkts']);
    assert.match(found.notes.join(), /localhost_nps_accepted_pkts stays/);
  });

  it('warns where removing KUBE-FIREWALL would open the way to services at 127.0.0.1', async () => {
    const save = (chain: string): string => `*filter\n:INPUT ACCEPT [0:0]\n:${chain} - [0:0]\nCOMMIT\n`;
    const on = { 'cat /proc/sys/net/ipv4/conf/all/route_localnet': '1\n' };
    const opening = await find({ ...on, 'iptables-nft-save': save('KUBE-FIREWALL') });
    assert.match(opening.warnings.join(), /route_localnet stays 1, and KUBE-FIREWALL goes/);
    for (const [netns, command] of [
      [undefined, ': if nothing else needs it, sysctl -w '],
      ['node-a', ', ip netns exec node-a sysctl -w '],
      ['/run/netns/node-a', ', nsenter --net=/run/netns/node-a sysctl -w '],
      ['pid:17', ', nsenter -t 17 -n sysctl -w '],
      ["/a b/x'y", ", nsenter --net='/a b/x'\\''y' sysctl -w "],
    ] as const) {
      const there = await find({ ...on, 'iptables-nft-save': save('KUBE-FIREWALL') }, TOOLS, netns);
      assert.ok(there.warnings.join().includes(command), `${netns}: ${there.warnings.join()}`);
    }
    const other = await find({ ...on, 'iptables-nft-save': save('KUBE-FORWARD') });
    assert.deepEqual([other.warnings, other.notes], [[], ['net.ipv4.conf.all.route_localnet stays 1']]);
    assert.deepEqual((await find(on)).notes, []);
  });

  it('sees when the node has changed', async () => {
    const one = await find({ 'ipset list -t': sets(['KUBE-LOOP-BACK', 0]) });
    assert.ok(isSame(one, await find({ 'ipset list -t': sets(['mine', 3], ['KUBE-LOOP-BACK', 0]) })));
    assert.ok(!isSame(one, await find({})));
  });
});
