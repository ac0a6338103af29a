/** Recordings of kube-proxy's ipvs mode (golden/reference), read, and the tables of Services that they were made of. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { parseIpsetSave } from '../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { parseIpvsadm } from '../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import type { IpSet } from '../../src/core/ruleset/ip-set.ts';
import type { Ruleset } from '../../src/core/ruleset/ruleset.ts';
import type { IpvsTable } from '../../src/core/ruleset/virtual-server.ts';
import type { ProxySettings } from '../../src/core/services/proxy-settings.ts';
import type { ServicePortEntry } from '../../src/core/services/service-port.ts';
import { isMapping } from '../../src/core/util/mapping.ts';
import { serviceTables } from './service-tables.ts';

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

export function ipvsCases(root: string): readonly string[] {
  return readdirSync(root)
    .filter((name) => existsSync(join(root, name, 'ipvs')))
    .sort();
}

export function readIpvsTexts(root: string, name: string): IpvsTexts {
  const own = join(root, name, 'config.yaml');
  const config = load(readFileSync(existsSync(own) ? own : join(root, 'default-config.yaml'), 'utf8'));
  const recorded = (file: string): string => readFileSync(join(root, name, 'ipvs', file), 'utf8');
  return {
    rules: { ipv4: recorded('iptables.save'), ipv6: recorded('ip6tables.save') },
    sets: recorded('ipset.save'),
    ipvs: recorded('ipvs.save'),
    config: { ...(isMapping(config) ? config : {}), mode: 'ipvs' },
    snapshot: JSON.parse(readFileSync(join(root, name, 'snapshot.json'), 'utf8')),
  };
}

/** kube-proxy's half for IPv6 had not written its rules yet when one case was recorded: its chains are there and empty. */
export function isUnfinished(save: string): boolean {
  return !/^-A KUBE-MARK-MASQ /m.test(save);
}

/** Families whose rules were recorded in full. */
export function readIpvsCase(root: string, name: string): readonly IpvsFamily[] {
  const texts = readIpvsTexts(root, name);
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
