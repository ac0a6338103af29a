import { isTemplateName, type TemplateName } from '../../render/chain-shapes.ts';
import type { CompiledChain } from '../../ruleset/compiled-rules.ts';

/** The chains of Services are named by the prefix of their template and a hash. */
const OF_A_SERVICE = /^(KUBE-(?:SVC|SVL|SEP|EXT|FW))-/;

/** The template that printed a chain; the ipvs mode has its own for many, and shares others. */
export function templateOf(
  { table, name }: CompiledChain,
  mode: 'iptables' | 'ipvs' = 'iptables',
): TemplateName | undefined {
  const full = `${table}/${name}`;
  const ofMode = `iptables-ipvs/${full}`;
  if (mode === 'ipvs' && isTemplateName(ofMode)) return ofMode;
  if (isTemplateName(full)) return full;
  const ofService = `${table}/${OF_A_SERVICE.exec(name)?.[1] ?? ''}`;
  return isTemplateName(ofService) ? ofService : undefined;
}
