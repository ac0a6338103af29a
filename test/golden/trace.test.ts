import { produceTrace, TRACE_INPUTS } from '../support/golden-trace.ts';
import { judgeArea, type ProducedCase } from './judge-area.ts';

describe('golden traces', () => {
  const produce = async (folder: string): Promise<ProducedCase> => ({ files: await produceTrace(folder) });
  judgeArea({ area: 'trace', least: 20, byHand: TRACE_INPUTS, produce });
});
