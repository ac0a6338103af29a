import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { splitSave } from '../../../src/core/parse/iptables-save/split-save.ts';
import { HostIndex } from '../../../src/core/plan/thief/host-index.ts';
import type { Frontend } from '../../../src/core/plan/thief/frontend.ts';
import { matchFrontend } from '../../../src/core/plan/thief/match-frontend.ts';
import { trafficThief, type TrafficThief } from '../../../src/core/plan/traffic-thief.ts';
import type { CompiledChain, CompiledRules } from '../../../src/core/ruleset/compiled-rules.ts';
import { parseNetwork } from '../../../src/core/ruleset/ip-network.ts';
import { holds } from '../../support/law.ts';
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

function thiefWith(others: readonly string[], desired: CompiledRules, where = 'PREROUTING'): TrafficThief {
  const current = splitSave(`*nat\n${others.map((line) => `${line}\n`).join('')}COMMIT\n`).saved;
  const isOwn = (name: string): boolean => name.startsWith('KUBE-');
  return trafficThief({ chain: chain(where, [], 'ACCEPT'), current, desired, isOwn, readRule: planOptions.readRule });
}

/** What is said of `rule` in nat PREROUTING, on a node with these chains of others. */
function reason(
  rule: string,
  others: readonly string[] = [],
  list = services,
  where = 'PREROUTING',
): string | undefined {
  return thiefWith(others, desiredWith(list), where).reason(`-A PREROUTING ${rule}`);
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

  it('is followed in bounded time, however its chains lead to one another, and where that ends is told', () => {
    const chains = Array.from({ length: 30 }, (_, i) => [`-A C${i} -j C${i + 1}`, `-A C${i} -j C${i + 1}`]).flat();
    const thief = thiefWith([...chains, '-A C30 -j ACCEPT -p icmp', '-A SHORT -j LOG'], desiredWith(services));
    const start = performance.now();
    assert.equal(thief.reason('-A PREROUTING -j C0'), undefined);
    assert.equal(thief.reason('-A PREROUTING -j SHORT'), undefined);
    assert.ok(performance.now() - start < 2000);
    assert.deepEqual(thief.unfinished(), ['-A PREROUTING -j C0']);
  });

  it('is told as not followed to its end where it is too deep, and not where it was found', () => {
    const deep = Array.from({ length: 40 }, (_, i) => `-A D${i} -j D${i + 1}`);
    const thief = thiefWith([...deep, '-A FOUND -j D0', '-A FOUND -j ACCEPT'], desiredWith(services));
    assert.equal(thief.reason('-A PREROUTING -j D0'), undefined);
    assert.notEqual(thief.reason('-A PREROUTING -j FOUND'), undefined);
    assert.deepEqual(thief.unfinished(), ['-A PREROUTING -j D0']);
  });

  const host = (n: number): string => `${n >> 8}.${n & 255}`;
  const many = Array.from({ length: 5000 }, (_, n) => n);
  const manyServices = many.map(
    (n) => `-A KUBE-SERVICES -d 10.96.${host(n)}/32 -p tcp ${web} cluster IP" -m tcp --dport 80 -j KUBE-SVC-A`,
  );
  const shapes: Readonly<Record<string, (n: number) => string>> = {
    'a host': (n) => `-d 10.97.${host(n)}/32 -j DNAT --to-destination 10.0.0.1`,
    'a host and the port of all Services': (n) =>
      `-d 10.97.${host(n)}/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.1`,
    'a range': (n) => `-d 10.97.${host(n & ~15)}/28 -p tcp -j ACCEPT`,
  };
  for (const [what, rule] of Object.entries(shapes)) {
    it(`is found among 5000 rules for ${what} and 5000 Services without comparing each with each`, () => {
      const thief = thiefWith([], desiredWith(manyServices));
      const start = performance.now();
      for (const n of many) assert.equal(thief.reason(`-A PREROUTING ${rule(n)}`), undefined);
      const own = '-A PREROUTING -d 10.96.3.7/32 -p tcp -m tcp --dport 80 -j ACCEPT';
      assert.match(thief.reason(own) ?? '', /takes tcp\/10\.96\.3\.7:80, the clusterIP of shop\/web:http$/);
      assert.ok(performance.now() - start < 2000);
    });
  }

  it('gives back 5000 Services one by one in proportion', () => {
    const returns = many.map((n) => `-A THEIRS -d 10.96.${host(n)}/32 -j RETURN`);
    const start = performance.now();
    const all = thiefWith([...returns, '-A THEIRS -j ACCEPT'], desiredWith(manyServices));
    assert.equal(all.reason('-A PREROUTING -j THEIRS'), undefined);
    const butOne = thiefWith([...returns.slice(1), '-A THEIRS -j ACCEPT'], desiredWith(manyServices));
    assert.match(butOne.reason('-A PREROUTING -j THEIRS') ?? '', /10\.96\.0\.0:80, the clusterIP of shop\/web:http$/);
    assert.ok(performance.now() - start < 2000);
  });
});

describe('HostIndex', () => {
  const network = fc
    .tuple(fc.nat({ max: 63 }), fc.constantFrom('/32', '/32', '/28', '/29', '/255.255.255.210'))
    .map(([n, mask]) => `10.0.0.${n}${mask}`);
  const hosts = fc.array(fc.option(network, { nil: undefined }), { maxLength: 40 });

  it('leaves out none that a rule can match, and keeps the order', () => {
    const law = fc.property(hosts, network, fc.boolean(), fc.boolean(), (list, destination, negated, local) => {
      const frontends = list.map((text, i): Frontend => {
        const at = text === undefined ? undefined : parseNetwork(text);
        return { protocol: 6, port: 80, host: at, local: at === undefined ? 'yes' : 'no', label: `${i}` };
      });
      const rule = planOptions.readRule(`-A X ${negated ? '! ' : ''}-d ${destination} -j ACCEPT`, 'ipv4');
      const matching = (some: readonly Frontend[]): readonly Frontend[] =>
        some.filter((frontend) => matchFrontend(rule, frontend, local) !== 'no');
      assert.deepEqual(matching(new HostIndex(frontends).candidates(rule, local)), matching(frontends));
    });
    holds(law, { runs: 500 });
  });
});
