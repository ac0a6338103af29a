/** Cases of golden/decode: what decode makes of a dump, as the files that the case expects. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeData } from '../../src/cli/output/decode-data.ts';
import { paint } from '../../src/cli/output/colors.ts';
import { printDecode } from '../../src/cli/output/print-decode.ts';
import { decode } from '../../src/core/analyze/decode/decode.ts';
import { parseIpsetSave } from '../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIpvsadm } from '../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { readRulesets } from '../../src/host/sources/read-dump.ts';
import { diagnosticsText } from '../../src/cli/output/diagnostics-text.ts';

export const DECODE_INPUTS: readonly string[] = ['README.md', 'input.rules', 'sets.txt', 'servers.txt'];
/** Files that the runner writes. */
export const DECODE_PRODUCED: readonly string[] = ['decoded.txt', 'wide.txt', 'decoded.json', 'diagnostics.txt'];

const WIDTH = 100;

export async function produceDecode(folder: string): Promise<ReadonlyMap<string, string>> {
  const read = await readRulesets(join(folder, 'input.rules'));
  const textOf = (file: string): string | undefined =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : undefined;
  const [sets, servers] = [textOf('sets.txt'), textOf('servers.txt')];
  const given = {
    sets: sets === undefined ? undefined : parseIpsetSave(sets, { file: 'sets.txt' }).sets,
    ipvs: servers === undefined ? undefined : parseIpvsadm(servers, { file: 'servers.txt' }).table,
  };
  const views = read.map(({ ruleset }) => {
    const rules = decode(ruleset, given);
    return { file: 'input.rules', rules, shown: rules.servicePorts };
  });
  const options = { filtered: false, verbose: false, width: WIDTH, paint: paint(false) };
  const diagnostics = read
    .flatMap((one) => one.diagnostics)
    .map((diagnostic) => {
      const { location } = diagnostic;
      return location === undefined ? diagnostic : { ...diagnostic, location: { ...location, file: 'input.rules' } };
    });
  return new Map([
    ['decoded.txt', printDecode(views, { ...options, wide: false })],
    ['wide.txt', printDecode(views, { ...options, wide: true })],
    ['decoded.json', `${JSON.stringify(decodeData(views), undefined, 1)}\n`],
    ['diagnostics.txt', diagnosticsText(diagnostics)],
  ]);
}
