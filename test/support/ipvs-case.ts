/** Recordings of kube-proxy's ipvs mode (golden/reference), read, and the tables of Services that they were made of. */
import { parseIpsetSave } from '../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { parseIpvsadm } from '../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import type { IpSet } from '../../src/core/ruleset/ip-set.ts';
import type { Ruleset } from '../../src/core/ruleset/ruleset.ts';
import type { IpvsTable } from '../../src/core/ruleset/virtual-server.ts';
import type { ProxySettings } from '../../src/core/services/proxy-settings.ts';
import type { ServicePortEntry } from '../../src/core/services/service-port.ts';
import { isUnfinished, recordedIpvs } from './ipvs-reference.ts';
import { serviceTables } from './service-tables.ts';
import { recordedConfig, recordedSnapshot } from './recordings.ts';

export interface IpvsFamily {
  readonly ruleset: Ruleset;
  /** Of both families. */
  readonly sets: ReadonlyMap<string, IpSet>;
  readonly ipvs: IpvsTable;
  readonly settings: ProxySettings;
  readonly ports: readonly ServicePortEntry[];
}

export interface IpvsTexts {
  readonly rules: Readonly<Record<'ipv4' | 'ipv6', string>>;
  readonly sets: string;
  readonly ipvs: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly snapshot: unknown;
}

export function readIpvsTexts(name: string): IpvsTexts {
  return {
    rules: { ipv4: recordedIpvs(name, 'iptables.save'), ipv6: recordedIpvs(name, 'ip6tables.save') },
    sets: recordedIpvs(name, 'ipset.save'),
    ipvs: recordedIpvs(name, 'ipvs.save'),
    config: { ...recordedConfig(name), mode: 'ipvs' },
    snapshot: recordedSnapshot(name),
  };
}

/** Families whose rules were recorded in full. */
export function readIpvsCase(name: string): readonly IpvsFamily[] {
  const texts = readIpvsTexts(name);
  const { sets } = parseIpsetSave(texts.sets);
  const { table: ipvs } = parseIpvsadm(texts.ipvs);
  const tables = serviceTables([texts.snapshot], { config: texts.config, node: 'node-a' });
  return tables.flatMap(({ table, settings }): readonly IpvsFamily[] => {
    const { family, servicePorts: ports } = table;
    const text = texts.rules[family];
    if (isUnfinished(text)) return [];
    return [{ ruleset: parseIptablesSave(text, { family }).ruleset, sets, ipvs, settings, ports }];
  });
}
