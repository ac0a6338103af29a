import { hostCidrText } from '../model/ip.ts';
import { ipSetText } from '../render/ip-set-text.ts';
import { virtualServerText } from '../render/virtual-server-text.ts';
import type { CompiledIpvs, CompiledRules, CompiledVirtualServer } from '../ruleset/compiled-rules.ts';

type Families = readonly Pick<CompiledRules, 'ipvs'>[];

function ipvsOf(rules: Families): readonly CompiledIpvs[] {
  return rules.flatMap(({ ipvs }) => ipvs ?? []);
}

/** Input for `ipset restore`: all sets, each with its members. */
export function printIpSets(rules: Families): string {
  return ipvsOf(rules)
    .flatMap(({ sets }) => sets.map(ipSetText))
    .join('');
}

/**
 * Input for `ipvsadm -R`: the timeouts, if some are given, and the virtual servers. There can be no comments: ipvsadm 1.31 stops at the
 * first.
 */
export function printVirtualServers(rules: Families): string {
  const servers = ipvsOf(rules).flatMap(({ virtualServers }) => virtualServers.map(virtualServerText));
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

/** Virtual servers with a comment line before each; for people, since ipvsadm reads no comments. */
export function explainVirtualServers(rules: Families): string {
  const servers = ipvsOf(rules).flatMap(({ virtualServers }) =>
    virtualServers.map((server) => `# ${virtualServerPurpose(server)}\n${virtualServerText(server)}`),
  );
  return timeoutsLine(rules) + servers.join('');
}

/** What a virtual server does, one line. */
export function virtualServerPurpose(server: CompiledVirtualServer): string {
  const { service, what, scheduler, realServers, persistence } = server;
  const n = realServers.length;
  const to =
    n === 0 ? 'nowhere: it has no endpoints' : n === 1 ? 'the only endpoint' : `${n} endpoints by ${scheduler}`;
  const stays = persistence === undefined ? '' : `; a client stays with its endpoint for ${persistence.seconds} s`;
  return `${what} of ${service}, to ${to}${stays}`;
}
