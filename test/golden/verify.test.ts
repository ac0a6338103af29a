import { produceVerify, VERIFY_INPUTS } from '../support/golden-verify.ts';
import { judgeArea, type ProducedCase } from './judge-area.ts';

describe('golden proofs and comparisons', () => {
  const produce = (folder: string): ProducedCase => ({ files: produceVerify(folder) });
  judgeArea({ area: 'verify', least: 25, byHand: VERIFY_INPUTS, produce });
});
