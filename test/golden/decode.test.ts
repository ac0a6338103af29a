import { DECODE_INPUTS, produceDecode } from '../support/golden-decode.ts';
import { judgeArea, type ProducedCase } from './judge-area.ts';

/** A terminal has 120 columns; lines of dumps are quoted as they are. */
function tooLong(files: ReadonlyMap<string, string>): readonly string[] {
  return ['decoded.txt', 'wide.txt'].flatMap((file) =>
    (files.get(file) ?? '')
      .split('\n')
      .filter((line) => line.length > 120 && !/^ +line \d+: /.test(line))
      .map((line) => `${file} has a line that is too long for a terminal: ${line}`),
  );
}

describe('golden decodings', () => {
  const produce = async (folder: string): Promise<ProducedCase> => {
    const files = await produceDecode(folder);
    return { files, faults: tooLong(files) };
  };
  judgeArea({ area: 'decode', least: 20, byHand: DECODE_INPUTS, produce });
});
