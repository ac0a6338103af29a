import { PARSE_IPVS_INPUTS, produceParseIpvs } from '../support/golden-parse-ipvs.ts';
import { judgeArea } from './judge-area.ts';

describe('golden dumps of virtual servers and sets', () => {
  judgeArea({ area: 'parse-ipvs', least: 1, byHand: PARSE_IPVS_INPUTS, produce: produceParseIpvs });
});
