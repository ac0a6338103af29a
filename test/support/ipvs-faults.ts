/** What must hold of the ipvs mode whatever the input: its parts name one another, and nothing hangs loose. */
import { parseIpsetSave } from '../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIpvsadm } from '../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { printIpSets, printVirtualServers } from '../../src/core/compile/print-ipvs.ts';
import type { IpFamily } from '../../src/core/model/ip.ts';
import type { CompiledIpvs, CompiledRules, CompiledVirtualServer } from '../../src/core/ruleset/compiled-rules.ts';
import { elementText } from '../../src/core/ruleset/print-ip-set.ts';
import { virtualServerKey } from '../../src/core/ruleset/virtual-server.ts';

export function ipvsFaults(rules: CompiledRules): readonly string[] {
  const { ipvs, family } = rules;
  if (ipvs === undefined) return [`there is no ipvs mode of ${family}`];
  const sets = new Sets(ipvs, family);
  return [
    ...jumpFaults(rules),
    ...matchFaults(rules, ipvs),
    ...frontendFaults(ipvs, sets),
    ...addressFaults(ipvs, sets),
    ...textFaults(rules, ipvs),
  ].map((fault) => `${family}: ${fault}`);
}

/** Members as text, by what is behind KUBE- and KUBE-6-. */
class Sets {
  readonly #members: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #family: IpFamily;

  constructor({ sets }: CompiledIpvs, family: IpFamily) {
    this.#family = family;
    this.#members = new Map(sets.map((set) => [set.name, new Set(set.entries.map((e) => elementText(e, set)))]));
  }

  of(name: string): ReadonlySet<string> {
    const full = (this.#family === 'ipv4' ? `KUBE-${name}` : `KUBE-6-${name}`).slice(0, 31);
    const members = this.#members.get(full);
    if (members === undefined) throw new Error(`there is no set ${full}`);
    return members;
  }
}

const rulesOf = ({ chains }: CompiledRules): readonly { table: string; line: string }[] =>
  chains.flatMap(({ table, rules }) => rules.split('\n').flatMap((line) => (line === '' ? [] : [{ table, line }])));

function jumpFaults(rules: CompiledRules): readonly string[] {
  const chains = new Map(rules.chains.map((chain) => [`${chain.table} ${chain.name}`, chain]));
  const used = new Set<string>();
  const faults = rulesOf(rules).flatMap(({ table, line }) => {
    const [, target = ''] = / -j (KUBE-\S+)/.exec(line) ?? [];
    if (target === '') return [];
    used.add(`${table} ${target}`);
    return chains.has(`${table} ${target}`) ? [] : [`a jump to a missing chain: ${line}`];
  });
  const loose = [...chains.values()].filter((c) => c.policy === '-' && !used.has(`${c.table} ${c.name}`));
  // These are there for the rules of sets that may be empty (kube-proxy makes all chains each time).
  const mayBeLoose = new Set(['KUBE-LOAD-BALANCER', 'KUBE-SOURCE-RANGES-FIREWALL', 'KUBE-MARK-MASQ']);
  return [...faults, ...loose.filter((c) => !mayBeLoose.has(c.name)).map((c) => `nothing jumps to ${c.name}`)];
}

/** Every set that a rule asks is there, with as many parts as the rule names; every set with members is asked by some rule. */
function matchFaults(rules: CompiledRules, { sets }: CompiledIpvs): readonly string[] {
  const byName = new Map(sets.map((set) => [set.name, set]));
  const asked = new Set<string>();
  const faults = rulesOf(rules).flatMap(({ line }) =>
    [...line.matchAll(/--match-set (\S+) (\S+)/g)].flatMap(([, name = '', directions = '']) => {
      asked.add(name);
      const set = byName.get(name);
      if (set === undefined) return [`no set ${name} for ${line}`];
      const parts = set.type.split(':')[1]?.split(',').length;
      return parts === directions.split(',').length ? [] : [`${name} has ${parts} parts: ${line}`];
    }),
  );
  const unasked = sets.filter(({ name, entries }) => entries.length > 0 && !asked.has(name));
  return [...faults, ...unasked.map(({ name }) => `no rule asks ${name}`)];
}

function memberOf({ address }: CompiledVirtualServer): string {
  return address.kind === 'mark' ? '' : `${address.ip.text},${address.protocol}:${address.port}`;
}

const SETS_OF: Readonly<Record<Exclude<CompiledVirtualServer['what'], 'nodePort'>, readonly string[]>> = {
  'cluster IP': ['CLUSTER-IP'],
  'external IP': ['EXTERNAL-IP', 'EXTERNAL-IP-LOCAL'],
  'loadbalancer IP': ['LOAD-BALANCER'],
};

/** Frontends and sets name one another. Addresses of ::/96 are spelt otherwise in sets, and are not compared. */
function frontendFaults({ virtualServers }: CompiledIpvs, sets: Sets): readonly string[] {
  const keys = virtualServers.map(virtualServerKey);
  const twice = keys.filter((key, i) => keys.indexOf(key) !== i);
  const members = new Set(virtualServers.map(memberOf));
  const lost = ['CLUSTER-IP', 'EXTERNAL-IP', 'EXTERNAL-IP-LOCAL', 'LOAD-BALANCER'].flatMap((name) =>
    [...sets.of(name)].filter((m) => !members.has(m) && !m.startsWith('::')).map((m) => `${name} has ${m}, IPVS not`),
  );
  const unlisted = virtualServers.filter((server) => {
    const member = memberOf(server);
    if (member.startsWith('::')) return false;
    const { what, address } = server;
    if (what !== 'nodePort') return !SETS_OF[what].some((name) => sets.of(name).has(member));
    if (address.kind === 'mark') return true;
    const { protocol, port } = address;
    return !(protocol === 'sctp'
      ? sets.of('NODE-PORT-SCTP-HASH').has(member)
      : sets.of(`NODE-PORT-${protocol.toUpperCase()}`).has(`${port}`));
  });
  return [
    ...twice.map((key) => `${key} is there twice`),
    ...lost,
    ...unlisted.map((server) => `no set has ${server.what} ${memberOf(server)}`),
  ];
}

/** kube-ipvs0 holds addresses of virtual servers only, each once, and the set of them is the same. */
function addressFaults({ virtualServers, addresses }: CompiledIpvs, sets: Sets): readonly string[] {
  const served = new Set(virtualServers.flatMap(({ address: a }) => (a.kind === 'address' ? [a.ip.text] : [])));
  const bound = new Set(addresses.map((ip) => ip.text));
  const unserved = [...bound].filter((ip) => !served.has(ip)).map((ip) => `${ip} is bound and not served`);
  const same = sets.of('IPVS-IPS').size === bound.size && bound.size === addresses.length;
  return [...unserved, ...(same ? [] : ['IPVS-IPS are not the addresses of kube-ipvs0'])];
}

/** The texts are read as the values that they were printed from. */
function textFaults(rules: CompiledRules, ipvs: CompiledIpvs): readonly string[] {
  const servers = parseIpvsadm(printVirtualServers([rules]));
  const sets = parseIpsetSave(printIpSets([rules]));
  const faults = [...servers.diagnostics, ...sets.diagnostics].map((d) => `not readable: ${d.message}`);
  if (data(servers.table.virtualServers) !== data(ipvs.virtualServers))
    faults.push('virtual servers are read otherwise');
  if (data([...sets.sets.values()]) !== data(ipvs.sets)) faults.push('sets are read otherwise');
  return faults;
}

/** What chainsmith alone knows of a virtual server or a set: no text says it. */
const UNSAID: ReadonlySet<string> = new Set(['service', 'what', 'purpose']);

/** Fields in the order of their names, so that only values count. */
function data(value: unknown): string {
  return JSON.stringify(value, (key, item: unknown) => {
    if (UNSAID.has(key)) return undefined;
    if (typeof item === 'bigint') return `${item}n`;
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
