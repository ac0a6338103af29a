import { PARSE_INPUTS, produceParse } from '../support/golden-parse.ts';
import { judgeArea } from './judge-area.ts';

describe('golden dumps', () => {
  judgeArea({ area: 'parse', least: 1, byHand: PARSE_INPUTS, produce: produceParse });
});
