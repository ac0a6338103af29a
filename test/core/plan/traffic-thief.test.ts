import assert from 'node:assert/strict';
import { splitSave } from '../../../src/core/parse/iptables-save/split-save.ts';
import { trafficThief } from '../../../src/core/plan/traffic-thief.ts';
import type { CompiledChain, CompiledRules } from '../../../src/core/ruleset/compiled-rules.ts';
import { planOptions } from '../../support/plan-options.ts';

const web = '-m comment --comment "shop/web:http';
const services = [
  `-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp ${web} cluster IP" -m tcp --dport 80 -j KUBE-SVC-A`,
  `-A KUBE-SERVICES -d 203.0.113.9/32 -p tcp ${web} external IP" -m tcp --dport 80 -j KUBE-EXT-A`,
  '-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
];
const nodePorts = [`-A KUBE-NODEPORTS -p tcp ${web}" -m tcp --dport 30080 -j KUBE-EXT-A`];

function chain(name: string, rules: readonly string[], policy: CompiledChain['policy'] = '-'): CompiledChain {
  return { table: 'nat', name, policy, rules: rules.map((rule) => `${rule}\n`).join(''), purpose: '' };
}

function desiredWith(list: readonly string[]): CompiledRules {
  return { family: 'ipv4', chains: [chain('KUBE-SERVICES', list), chain('KUBE-NODEPORTS', nodePorts)], sysctls: [] };
}

/** What is said of `rule` in nat PREROUTING, on a node with these chains of others. */
function reason(
  rule: string,
  others: readonly string[] = [],
  list = services,
  where = 'PREROUTING',
): string | undefined {
  const current = splitSave(`*nat\n${others.map((line) => `${line}\n`).join('')}COMMIT\n`).saved;
  const thief = trafficThief({
    chain: chain(where, [], 'ACCEPT'),
    current,
    desired: desiredWith(list),
    isOwn: (name) => name.startsWith('KUBE-'),
    readRule: planOptions.readRule,
  });
  return thief.reason(`-A PREROUTING ${rule}`);
}

const LOCAL = '-m addrtype --dst-type LOCAL -j THEIRS';
const NODE_PORT = 'THEIRS takes tcp/30080, a nodePort of shop/web:http';
const CLUSTER_IP = 'tcp/10.96.0.10:80, the clusterIP of shop/web:http';

describe('a rule before our jump', () => {
  const thieves: Readonly<Record<string, readonly [rule: string, others: readonly string[], reason: string]>> = {
    'a hostPort that is a nodePort': [
      LOCAL,
      ['-A THEIRS -p tcp -m tcp --dport 30080 -j DNAT --to-destination 10.244.0.7:80'],
      NODE_PORT,
    ],
    'one of several ports': [
      LOCAL,
      [
        '-A THEIRS -p tcp -m multiport --dports 8080,30080 -j DEEPER',
        '-A DEEPER -j DNAT --to-destination 10.244.0.7:80',
      ],
      NODE_PORT,
    ],
    'a range of ports': [LOCAL, ['-A THEIRS -p tcp -m tcp --dport 30000:31000 -j REDIRECT'], NODE_PORT],
    'all ports but one': [
      LOCAL,
      ['-A THEIRS -p tcp -m tcp ! --dport 22 -j ACCEPT'],
      `THEIRS takes tcp/203.0.113.9:80, an external IP of shop/web:http (and 1 more)`,
    ],
    "the port of an external IP, which may be the node's": [
      LOCAL,
      ['-A THEIRS -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.0.7:80'],
      'THEIRS takes tcp/203.0.113.9:80, an external IP of shop/web:http',
    ],
    'an address of the node that only others name': [
      LOCAL,
      ['-A THEIRS -d 192.168.0.10/32 -p tcp -m tcp --dport 30080 -j DNAT --to-destination 10.244.0.7:80'],
      NODE_PORT,
    ],
    'a hostPort on 127.0.0.1': [
      '-j THEIRS',
      ['-A THEIRS -d 127.0.0.1/32 -p tcp -m tcp --dport 30080 -j DNAT --to-destination 10.244.0.7:80'],
      NODE_PORT,
    ],
    'any destination': [
      '-p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128',
      [],
      `the rule "-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128" takes ${CLUSTER_IP} (and 1 more)`,
    ],
    'the range of the clusterIPs': ['-d 10.96.0.0/12 -j THEIRS', ['-A THEIRS -j ACCEPT'], `THEIRS takes ${CLUSTER_IP}`],
    'some clients': ['-s 10.0.0.0/8 -d 10.96.0.0/12 -j THEIRS', ['-A THEIRS -j ACCEPT'], `THEIRS takes ${CLUSTER_IP}`],
    'a set, which nobody can see': [
      '-m set --match-set lan dst -j THEIRS',
      ['-A THEIRS -d 10.96.0.10/32 -j ACCEPT'],
      `THEIRS takes ${CLUSTER_IP}`,
    ],
    'a goto, behind which nothing of ours comes': ['-d 10.96.0.0/12 -g THEIRS', [], `THEIRS takes ${CLUSTER_IP}`],
    'a RETURN of the built-in chain': [
      '-d 10.96.0.10/32 -j RETURN',
      [],
      `the rule "-A PREROUTING -d 10.96.0.10/32 -j RETURN" takes ${CLUSTER_IP}`,
    ],
    'a RETURN for others only': [
      LOCAL,
      [
        '-A THEIRS -s 10.0.0.0/8 -p tcp -m tcp --dport 30080 -j RETURN',
        '-A THEIRS -p tcp -m tcp --dport 30080 -j ACCEPT',
      ],
      NODE_PORT,
    ],
    'a target that changes networks': [
      '-j THEIRS',
      ['-A THEIRS -d 10.96.0.10/32 -j NETMAP --to 10.0.0.0/24'],
      `THEIRS takes ${CLUSTER_IP}`,
    ],
  };
  for (const [what, [rule, others, expected]] of Object.entries(thieves)) {
    it(`steals: ${what}`, () => assert.equal(reason(rule, others), expected));
  }

  const honest: Readonly<Record<string, readonly [rule: string, others: readonly string[]]>> = {
    'a published port that is no nodePort': [
      LOCAL,
      ['-A THEIRS ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80'],
    ],
    'the number of a nodePort in another protocol': [
      LOCAL,
      ['-A THEIRS -p udp -m udp --dport 30080 -j DNAT --to-destination 10.244.0.7:80'],
    ],
    "a hostPort of an address that is not said to be the node's": [
      '-j THEIRS',
      ['-A THEIRS -d 172.16.0.9/32 -p tcp -m tcp --dport 30080 -j DNAT --to-destination 10.244.0.7:80'],
    ],
    'what never decides': [
      '-j THEIRS',
      [
        '-A THEIRS -j MARK --set-xmark 0x1/0x1',
        '-A THEIRS -j LOG',
        '-A THEIRS -m comment --comment x',
        '-A THEIRS -j CT --notrack',
      ],
    ],
    'a chain that gives all back first': ['-j THEIRS', ['-A THEIRS -j RETURN', '-A THEIRS -j ACCEPT']],
    'a chain that gives ours back first': [
      '-j THEIRS',
      [
        '-A THEIRS -d 10.96.0.0/12 -j RETURN',
        '-A THEIRS -d 203.0.113.0/24 -j RETURN',
        '-A THEIRS -p tcp -m tcp --dport 30080 -j RETURN',
        '-A THEIRS -j ACCEPT',
      ],
    ],
    'other destinations': ['! -d 10.96.0.0/12 -j THEIRS', ['-A THEIRS -d 10.96.0.10/32 -j ACCEPT']],
    'connections that are known already': ['-m conntrack --ctstate ESTABLISHED -j ACCEPT', []],
    ping: ['-p icmp -m icmp --icmp-type 8 -j ACCEPT', []],
    broadcasts: ['-m addrtype --dst-type BROADCAST -j ACCEPT', []],
    'a jump to a chain of ours': ['-j KUBE-SVC-A', ['-A KUBE-SVC-A -j ACCEPT']],
    'a jump to a chain that is not there': ['-j GONE', []],
    'chains in a circle': ['-j THEIRS', ['-A THEIRS -j DEEPER', '-A DEEPER -j THEIRS']],
  };
  for (const [what, [rule, others]] of Object.entries(honest)) {
    it(`may stay: ${what}`, () => assert.equal(reason(rule, others), undefined));
  }

  it('may take nodePorts of addresses that nodePortAddresses leaves out', () => {
    const list = [services[0] ?? '', '-A KUBE-SERVICES -d 192.168.0.10/32 -j KUBE-NODEPORTS'];
    const port = (address: string): string => `-A THEIRS -d ${address}/32 -p tcp -m tcp --dport 30080 -j ACCEPT`;
    assert.equal(reason('-j THEIRS', [port('192.168.0.11')], list), undefined);
    assert.equal(reason('-j THEIRS', [port('192.168.0.10')], list), NODE_PORT);
  });

  it('is no thief in other chains: only nat PREROUTING and OUTPUT lead to Services', () => {
    assert.equal(reason('-j ACCEPT', [], services, 'POSTROUTING'), undefined);
    assert.notEqual(reason('-j ACCEPT', [], services, 'OUTPUT'), undefined);
  });

  it('is followed in bounded time, however its chains lead to one another', () => {
    const chains = Array.from({ length: 60 }, (_, i) => [`-A C${i} -j C${i + 1}`, `-A C${i} -j C${i + 1}`]).flat();
    const start = performance.now();
    assert.equal(reason('-j C0', chains), undefined);
    assert.ok(performance.now() - start < 2000);
  });
});
