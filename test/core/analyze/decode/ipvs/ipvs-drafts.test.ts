import assert from 'node:assert/strict';
import { ipvsDrafts, isLocalPolicy, type IpvsDraft } from '../../../../../src/core/analyze/decode/ipvs/ipvs-drafts.ts';
import { joinDrafts } from '../../../../../src/core/analyze/decode/ipvs/join-drafts.ts';
import { KubeMembers } from '../../../../../src/core/analyze/ipvs/kube-members.ts';
import { parseIpsetSave } from '../../../../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIpvsadm } from '../../../../../src/core/parse/ipvsadm/parse-ipvsadm.ts';

/** `add KUBE-CLUSTER-IP 10.96.0.1,tcp:80` */
function drafts(servers: readonly string[], members?: readonly string[]): readonly IpvsDraft[] {
  const { table } = parseIpvsadm(servers.join('\n'));
  return ipvsDrafts('ipv4', table, members && new KubeMembers(parseIpsetSave(saved(members)).sets, 'ipv4'));
}

function saved(members: readonly string[]): string {
  const names = new Set(members.map((line) => line.split(' ')[1] ?? ''));
  const creates = [...names].map((name) =>
    /NODE-PORT-(?:LOCAL-)?(?:TCP|UDP)$/.test(name)
      ? `create ${name} bitmap:port range 0-65535`
      : `create ${name} hash:ip,port family inet hashsize 1024 maxelem 65536`,
  );
  return [...creates, ...members].join('\n');
}

/** A virtual server with these endpoints. */
function server(address: string, endpoints: readonly string[], how = 'rr'): readonly string[] {
  return [`-A -t ${address} -s ${how}`, ...endpoints.map((to) => `-a -t ${address} -r ${to} -m -w 1`)];
}

const text = ({ kind, keys, sets }: IpvsDraft): string => `${kind} ${keys.join()} ${sets?.join() ?? '?'}`;
const ENDPOINTS = ['10.244.0.5:8080', '10.244.1.5:8080'];

describe('ipvsDrafts', () => {
  it('tells by sets what an address is, and by nothing where no sets are given', () => {
    const servers = [...server('10.96.0.1:80', ENDPOINTS), ...server('198.51.100.7:80', ENDPOINTS)];
    const members = ['add KUBE-CLUSTER-IP 10.96.0.1,tcp:80', 'add KUBE-LOAD-BALANCER 198.51.100.7,tcp:80'];
    assert.deepEqual(drafts(servers, members).map(text), [
      'cluster-ip tcp 10.96.0.1:80 CLUSTER-IP',
      'load-balancer-ip tcp 198.51.100.7:80 LOAD-BALANCER',
    ]);
    assert.deepEqual(drafts(servers).map(text), [
      'virtual-server tcp 10.96.0.1:80 ?',
      'virtual-server tcp 198.51.100.7:80 ?',
    ]);
  });

  it('puts the addresses of a nodePort together', () => {
    const servers = ['192.168.0.10:30080', '192.168.1.10:30080'].flatMap((at) => server(at, ENDPOINTS));
    assert.deepEqual(drafts(servers, ['add KUBE-NODE-PORT-TCP 30080']).map(text), [
      'node-port tcp 192.168.0.10:30080,tcp 192.168.1.10:30080 NODE-PORT-TCP',
    ]);
  });

  it('keeps what only a set names, what only a mark finds, and what is of no set', () => {
    const found = drafts(
      ['-A -f 7 -s rr', ...server('192.0.2.1:5000', [])],
      ['add KUBE-CLUSTER-IP 10.96.0.9,tcp:80', 'add KUBE-NODE-PORT-LOCAL-UDP 30053'],
    );
    assert.deepEqual(found.map(text), [
      'cluster-ip tcp 10.96.0.9:80 CLUSTER-IP',
      'node-port  NODE-PORT-LOCAL-UDP',
      'virtual-server mark 7 ipv4 ',
      'virtual-server tcp 192.0.2.1:5000 ',
    ]);
    assert.deepEqual(found.map(isLocalPolicy), [false, true, false, false]);
  });
});

describe('joinDrafts', () => {
  const joined = (servers: readonly string[], members: readonly string[]): readonly string[] =>
    joinDrafts(drafts(servers, members)).map((group) => group.map(({ kind }) => kind).join(' + '));
  const CLUSTER = server('10.96.0.1:80', ENDPOINTS);
  const MEMBERS = [
    'add KUBE-CLUSTER-IP 10.96.0.1,tcp:80',
    'add KUBE-LOAD-BALANCER 198.51.100.7,tcp:80',
    'add KUBE-NODE-PORT-TCP 30080',
  ];

  it('joins what has the same real servers', () => {
    const servers = [...CLUSTER, ...server('198.51.100.7:80', ENDPOINTS), ...server('192.168.0.10:30080', ENDPOINTS)];
    assert.deepEqual(joined(servers, MEMBERS), ['cluster-ip + load-balancer-ip + node-port']);
  });

  it('joins under the policy Local what has fewer of them, and not under another', () => {
    const servers = [...CLUSTER, ...server('198.51.100.7:80', ENDPOINTS.slice(0, 1))];
    const [cluster = '', balancer = ''] = MEMBERS;
    assert.deepEqual(joined(servers, [cluster, balancer]), ['cluster-ip', 'load-balancer-ip']);
    const local = 'add KUBE-LOAD-BALANCER-LOCAL 198.51.100.7,tcp:80';
    assert.deepEqual(joined(servers, [cluster, balancer, local]), ['cluster-ip + load-balancer-ip']);
  });

  it('joins nothing that chooses otherwise, has another port, or could be of two', () => {
    const [cluster = '', balancer = ''] = MEMBERS;
    const sticky = [...CLUSTER, ...server('198.51.100.7:80', ENDPOINTS, 'rr -p 300')];
    assert.deepEqual(joined(sticky, [cluster, balancer]), ['cluster-ip', 'load-balancer-ip']);
    const elsewhere = [...CLUSTER, ...server('198.51.100.7:81', ENDPOINTS)];
    const at81 = 'add KUBE-LOAD-BALANCER 198.51.100.7,tcp:81';
    assert.deepEqual(joined(elsewhere, [cluster, at81]), ['cluster-ip', 'load-balancer-ip']);
    const twins = [...CLUSTER, ...server('10.96.0.2:80', ENDPOINTS), ...server('198.51.100.7:80', ENDPOINTS)];
    const second = 'add KUBE-CLUSTER-IP 10.96.0.2,tcp:80';
    assert.deepEqual(joined(twins, [cluster, second, balancer]), ['cluster-ip', 'cluster-ip', 'load-balancer-ip']);
  });
});
