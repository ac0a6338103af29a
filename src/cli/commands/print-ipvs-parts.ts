import { printAddresses, printIpSets, printSysctl, printVirtualServers } from '../../core/compile/print-ipvs.ts';
import { printedParts, type PrintOptions } from '../../core/compile/print-rules.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import { IPVS_LINK, type CompiledRules } from '../../core/ruleset/compiled-rules.ts';

const RESTORE: { readonly [F in IpFamily]: string } = { ipv4: 'iptables-restore', ipv6: 'ip6tables-restore' };

/** One family of the ipvs mode as a text for people, in the order in which it would be loaded: what is referred to comes first. */
export function* ipvsParts(rules: CompiledRules, options: PrintOptions): Generator<string> {
  yield '# kernel settings (sysctl)\n';
  yield rules.sysctls.map((sysctl) => printSysctl(sysctl, options)).join('');
  yield '\n# sets (ipset restore)\n';
  yield printIpSets([rules], options);
  yield `\n# addresses of ${IPVS_LINK} (ip address add ADDRESS dev ${IPVS_LINK})\n`;
  yield printAddresses([rules]);
  yield '\n# virtual servers (ipvsadm -R)\n';
  yield printVirtualServers([rules], options);
  yield `\n# rules (${RESTORE[rules.family]})\n`;
  yield* printedParts(rules, options);
}

/** What --out calls them. */
export const IPVS_FILES = { sets: 'ipset.rules', servers: 'ipvs.rules', addresses: 'addresses.txt' } as const;

/** The files of --out, besides the rules. ipvsadm reads no comments, so there are none in its file. */
export function ipvsFiles(rules: readonly CompiledRules[], options: PrintOptions = {}): readonly [string, string][] {
  if (rules.every(({ ipvs }) => ipvs === undefined)) return [];
  return [
    [IPVS_FILES.sets, printIpSets(rules, options)],
    [IPVS_FILES.servers, printVirtualServers(rules)],
    [IPVS_FILES.addresses, printAddresses(rules)],
  ];
}

/** What the files of --out do not hold, and the node needs all the same. */
export function sysctlNote(rules: readonly CompiledRules[]): string {
  const settings = new Map(
    rules.filter(({ ipvs }) => ipvs !== undefined).flatMap((r) => r.sysctls.map((s) => [s.key, s])),
  );
  if (settings.size === 0) return '';
  const texts = [...settings.values()].map(({ key, value, kernels }) =>
    kernels === undefined ? `${key}=${value}` : `${key}=${value} (Linux ${kernels.from} to before ${kernels.before})`,
  );
  return `note: the node needs these kernel settings too: ${texts.join(', ')}\n`;
}
