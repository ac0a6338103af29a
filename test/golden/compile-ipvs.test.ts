import { basename, dirname } from 'node:path';
import { readCase } from '../support/golden-case.ts';
import { IPVS_INPUTS, produceIpvs } from '../support/golden-ipvs.ts';
import { judgeArea, type ProducedCase } from './judge-area.ts';

describe('golden cases of the ipvs mode', () => {
  const produce = (folder: string): ProducedCase => produceIpvs(readCase(dirname(folder), basename(folder)));
  judgeArea({ area: 'compile-ipvs', least: 15, byHand: IPVS_INPUTS, produce });
});
