/** Cases of golden/parse-ipvs: what the readers of virtual servers and of sets make of a text, as the files that the case expects. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseIpsetSave } from '../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIpvsadm } from '../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { ipSetText } from '../../src/core/render/ip-set-text.ts';
import { virtualServerText } from '../../src/core/render/virtual-server-text.ts';
import { diagnosticsText } from '../../src/cli/output/diagnostics-text.ts';

export const PARSE_IPVS_INPUTS: readonly string[] = ['README.md', 'input.ipvsadm', 'input.ipset'];
/** Files that the runner writes. */
export const PARSE_IPVS_PRODUCED: readonly string[] = ['printed.txt', 'parsed.json', 'diagnostics.txt'];

export interface ParseIpvsOutput {
  readonly files: ReadonlyMap<string, string>;
  /** What is wrong whatever the files say; empty if nothing is. */
  readonly faults: readonly string[];
}

export function produceParseIpvs(folder: string): ParseIpvsOutput {
  const isSets = existsSync(join(folder, 'input.ipset'));
  const file = isSets ? 'input.ipset' : 'input.ipvsadm';
  const text = readFileSync(join(folder, file), 'utf8');
  const read = isSets ? readSets : readServers;
  const { data, printed, diagnostics } = read(text, file);
  const again = read(printed, file);
  const faults = [
    ...(again.diagnostics.length === 0 ? [] : ['what is printed cannot be read']),
    ...(again.data === data && again.printed === printed ? [] : ['what is printed is read otherwise']),
  ];
  const files = new Map<string, string>();
  if (printed !== text) files.set('printed.txt', printed);
  files.set('parsed.json', data);
  files.set('diagnostics.txt', diagnosticsText(diagnostics));
  return { files, faults };
}

function readServers(text: string, file: string) {
  const { table, timeouts, diagnostics } = parseIpvsadm(text, { file });
  const set = timeouts === undefined ? '' : `--set ${timeouts.tcp} ${timeouts.tcpFin} ${timeouts.udp}\n`;
  const printed = set + table.virtualServers.map(virtualServerText).join('');
  return {
    data: lines([...(timeouts === undefined ? [] : [timeouts]), ...table.virtualServers]),
    printed,
    diagnostics,
  };
}

function readSets(text: string, file: string) {
  const { sets, diagnostics } = parseIpsetSave(text, { file });
  const all = [...sets.values()];
  return { data: lines(all), printed: all.map(ipSetText).join(''), diagnostics };
}

/** One value per line. */
function lines(values: readonly unknown[]): string {
  const json = values.map((value) =>
    JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item)),
  );
  return json.length === 0 ? '[]\n' : `[\n${json.join(',\n')}\n]\n`;
}
