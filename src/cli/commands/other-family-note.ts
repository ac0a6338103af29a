import type { CompiledRules } from '../../core/ruleset/compiled-rules.ts';
import type { IpFamily } from '../../core/model/ip.ts';

const NAME: { readonly [F in IpFamily]: string } = { ipv4: 'IPv4', ipv6: 'IPv6' };

/** Rules without any Service look like a fault of the compiler where all Services are of the family that was not asked for. */
export function otherFamilyNote(
  printed: readonly CompiledRules[],
  compileFamily: (family: IpFamily) => readonly CompiledRules[],
): string {
  const [only, second] = printed;
  if (only === undefined || second !== undefined || hasService(only)) return '';
  const other = only.family === 'ipv4' ? 'ipv6' : 'ipv4';
  if (!compileFamily(other).some(hasService)) return '';
  return `note: no Service has ${NAME[only.family]} addresses; --family ${other} prints the rules of the others\n`;
}

/** A Service without endpoints has no chain of its own, and is refused in the table filter. */
function hasService({ chains, ipvs }: CompiledRules): boolean {
  if (ipvs !== undefined) return ipvs.virtualServers.length > 0;
  return chains.some(
    ({ table, name, rules, service }) =>
      service !== undefined || (table === 'filter' && name === 'KUBE-SERVICES' && rules !== ''),
  );
}
