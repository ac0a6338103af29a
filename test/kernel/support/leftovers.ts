// What kube-proxy leaves on a node, in all modes and both variants at once, among the rules of others.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandRunner } from '../../../src/host/exec.ts';
import type { Family } from '../../../scripts/lab/addresses.ts';
import { saveRules, type Variant } from '../../../scripts/lab/iptables.ts';
import { goldenRoot } from '../../support/golden-paths.ts';
import { FAMILIES } from './cluster.ts';
import { VARIANTS } from './kernel-lab.ts';

const RECORDED: Readonly<Record<Family, string>> = { ipv4: 'iptables.save', ipv6: 'ip6tables.save' };
export const COUNTERS: readonly string[] = ['ct_state_invalid_dropped_pkts', 'localhost_nps_accepted_pkts'];

const folderOf = (name: string): string => join(goldenRoot, 'reference', name);

function recorded(name: string, file: string): string {
  return readFileSync(join(folderOf(name), file), 'utf8');
}

/** Without the declarations of built-in chains, which would set the policies of others. */
function recordedRules(name: string, file: string): string {
  return recorded(name, file).replaceAll(/^:\S+ ACCEPT .*\n/gm, '');
}

/** The cases that were recorded in ipvs mode too. */
export function ipvsCases(): readonly string[] {
  return readdirSync(join(goldenRoot, 'reference')).filter((name) => existsSync(join(folderOf(name), 'ipvs')));
}

/** Loads a dump beside what is there. */
export async function addRules(runner: CommandRunner, variant: Variant, family: Family, text: string): Promise<void> {
  const tool = `${family === 'ipv4' ? 'iptables' : 'ip6tables'}-${variant}-restore`;
  await runner.run(tool, ['--noflush', '--counters', '-w', '20'], { input: text, timeoutMs: 60_000 });
}

/** Docker, CNI hostPorts, kube-router, the kubelet, and a person: chains, and rules with counts before and after where ours go. */
const FOREIGN_BEFORE = `*mangle
:FORWARD ACCEPT [0:0]
:KUBE-IPTABLES-HINT - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
[3:180] -A FORWARD -i cni0 -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
:DOCKER - [0:0]
:KUBE-HOSTPORTS - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
[7:420] -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
[11:660] -A OUTPUT -m addrtype --dst-type LOCAL -j KUBE-HOSTPORTS
[13:780] -A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "not -j KUBE-SERVICES" -m tcp --dport 8443 -j RETURN
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-KUBELET-CANARY - [0:0]
:KUBE-ROUTER-INPUT - [0:0]
[17:1020] -A INPUT -m comment --comment "kube-router netpol" -j KUBE-ROUTER-INPUT
[19:1140] -A KUBE-ROUTER-INPUT -p tcp -m tcp --dport 22 -j RETURN
COMMIT
`;

const FOREIGN_AFTER = `*nat
[23:1380] -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
[29:1740] -A POSTROUTING -o eth0 -j MASQUERADE
COMMIT
*filter
[31:1860] -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
[37:2220] -A OUTPUT -m comment --comment "KUBE-SERVICES is not meant" -j ACCEPT
COMMIT
`;

export async function addForeign(runner: CommandRunner, between: () => Promise<void>): Promise<void> {
  await runner.run('ipset', ['create', 'KUBE-SRC-VY6KNKQ4BF6Y4J2K', 'hash:ip']);
  await runner.run('nfacct', ['add', 'mine']);
  await runner.run('nft', ['add', 'table', 'ip', 'kube-proxy-of-mine']);
  for (const text of [FOREIGN_BEFORE, undefined, FOREIGN_AFTER]) {
    if (text === undefined) await between();
    else for (const variant of VARIANTS) for (const family of FAMILIES) await addRules(runner, variant, family, text);
  }
}

/** kube-proxy's KUBE-FIREWALL is the kubelet's where there is a kubelet. */
function withoutFirewall(text: string): string {
  return text.replaceAll(/^.*KUBE-FIREWALL.*\n/gm, '');
}

export async function addIptablesMode(runner: CommandRunner, name: string): Promise<void> {
  for (const counter of COUNTERS) await runner.run('nfacct', ['add', counter]);
  for (const variant of VARIANTS) {
    for (const family of FAMILIES) {
      await addRules(runner, variant, family, withoutFirewall(recordedRules(name, RECORDED[family])));
    }
  }
}

/** The rules of both variants refer to one set of sets. This kernel has no IPVS, so what it could not load of their rules is left out. */
export async function addIpvsMode(runner: CommandRunner, name: string): Promise<void> {
  const lines = recorded(name, 'ipvs/ipset.save').split('\n');
  const ordered = [...lines.filter((line) => line.startsWith('create ')), ...lines.filter((l) => l.startsWith('add '))];
  await runner.run('ipset', ['restore'], { input: `${ordered.join('\n')}\n` });
  for (const variant of VARIANTS) {
    for (const family of FAMILIES) {
      const text = recordedRules(name, `ipvs/${RECORDED[family]}`);
      await addRules(runner, variant, family, text.replaceAll(/^.* -m ipvs .*\n/gm, ''));
    }
  }
  // The kernel of the tests may lack dummy links; the name is what counts.
  await runner.run('ip', ['link', 'add', 'kube-ipvs0', 'type', 'bridge']);
  await runner.run('ip', ['address', 'add', '10.96.1.1/32', 'dev', 'kube-ipvs0']);
}

export async function addNftablesMode(runner: CommandRunner, name: string): Promise<void> {
  await runner.run('nft', ['-f', '-'], { input: recorded(name, 'nftables.ruleset') });
}

/** Everything of the namespace, as text without comments: rules with their counts, sets, links, tables, counters. */
export async function wholeState(runner: CommandRunner): Promise<string> {
  const parts: string[] = [];
  for (const variant of VARIANTS) {
    for (const family of FAMILIES) {
      parts.push(variant, family, await saveRules({ ...runner, run: withCounts(runner) }, family, variant));
    }
  }
  for (const command of ['ipset save', 'ip -o link show', 'nft list tables', 'nfacct list']) {
    const [tool = '', ...args] = command.split(' ');
    parts.push(command, (await runner.run(tool, args)).stdout);
  }
  // Each hash set has a random start value.
  return parts.join('\n').replaceAll(/^#.*\n| initval \S+/gm, '');
}

function withCounts(runner: CommandRunner): CommandRunner['run'] {
  return async (command, args, options) => await runner.run(command, [...args, '-c'], options);
}
