import { produceVerify } from '../support/golden-verify.ts';
import { judgeArea, type ProducedCase } from './judge-area.ts';

const INPUTS: readonly string[] = ['README.md', 'command.txt', 'input.yaml', 'conntrack.txt'];

describe('golden stale connections', () => {
  const produce = (folder: string): ProducedCase => ({ files: produceVerify(folder) });
  judgeArea({ area: 'conntrack', least: 7, byHand: INPUTS, produce });
});
