import { hostCidrText } from '../model/ip.ts';
import { ipSetText } from '../render/ip-set-text.ts';
import { virtualServerText } from '../render/virtual-server-text.ts';
import type { CompiledIpvs, CompiledRules, CompiledVirtualServer, RequiredSysctl } from '../ruleset/compiled-rules.ts';
import type { PrintOptions } from './print-rules.ts';

type Families = readonly Pick<CompiledRules, 'ipvs'>[];

function ipvsOf(rules: Families): readonly CompiledIpvs[] {
  return rules.flatMap(({ ipvs }) => ipvs ?? []);
}

/** The same without sets that have no members: each cluster has the same ones besides those. */
export function withFilledSets(rules: CompiledRules): CompiledRules {
  const { ipvs } = rules;
  if (ipvs === undefined) return rules;
  return { ...rules, ipvs: { ...ipvs, sets: ipvs.sets.filter(({ entries }) => entries.length > 0) } };
}

/** Input for `ipset restore`: all sets, each with its members. */
export function printIpSets(rules: Families, { explain = false }: PrintOptions = {}): string {
  return ipvsOf(rules)
    .flatMap(({ sets }) => sets.map((set) => (explain ? `# ${set.name}: ${set.purpose}\n` : '') + ipSetText(set)))
    .join('');
}

/**
 * Input for `ipvsadm -R`: the timeouts, if some are given, and the virtual servers. With `explain` there is a comment line before each, and
 * the text is for people only: ipvsadm 1.31 stops at the first comment.
 */
export function printVirtualServers(rules: Families, { explain = false }: PrintOptions = {}): string {
  const servers = ipvsOf(rules).flatMap(({ virtualServers }) =>
    virtualServers.map((server) => {
      const text = virtualServerText(server);
      return explain ? `# ${virtualServerPurpose(server)}\n${text}` : text;
    }),
  );
  return timeoutsLine(rules) + servers.join('');
}

/** Both families have the same. */
function timeoutsLine(rules: Families): string {
  const [first] = ipvsOf(rules);
  if (first === undefined) return '';
  const { tcp, tcpFin, udp } = first.timeouts;
  return tcp + tcpFin + udp === 0 ? '' : `--set ${tcp} ${tcpFin} ${udp}\n`;
}

/** The addresses of kube-ipvs0, one per line with its prefix. */
export function printAddresses(rules: Families): string {
  return ipvsOf(rules)
    .flatMap(({ addresses }) => addresses.map((ip) => `${hostCidrText(ip)}\n`))
    .join('');
}

/** What a virtual server does, one line. */
export function virtualServerPurpose(server: CompiledVirtualServer): string {
  const { service, what, scheduler, realServers, persistence } = server;
  const n = realServers.length;
  const to =
    n === 0 ? 'nowhere, as there are no endpoints' : n === 1 ? 'one endpoint' : `${n} endpoints by ${scheduler}`;
  const stays = persistence === undefined ? '' : `; a client stays with its endpoint for ${persistence.seconds} s`;
  return `${what} of ${service}: to ${to}${stays}`;
}

/** A line of sysctl.conf. On which kernels it is meant stands in a comment before it, and with `explain` why. */
export function printSysctl(sysctl: RequiredSysctl, { explain = false }: PrintOptions = {}): string {
  const { key, value, purpose, kernels } = sysctl;
  const where = kernels === undefined ? '' : `# only Linux ${kernels.from} and newer, before ${kernels.before}\n`;
  return `${explain ? `# ${purpose}\n` : ''}${where}${key} = ${value}\n`;
}
