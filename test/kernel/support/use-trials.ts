import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeAbandonedLabs } from '../../../scripts/lab/lab.ts';
import { hostRunner } from '../../../src/host/exec.ts';
import { FaultTools } from './fault-tools.ts';
import type { TrialContext } from './fault-trial.ts';
import { Residents } from './residents.ts';
import { requireKernel } from './requirements.ts';

/** For a suite of trials: a folder, and tools that can fail, made before its tests and gone after them. To be called in `describe`. */
export function useTrials(prefix: string): TrialContext {
  const folder = mkdtempSync(join(tmpdir(), `${prefix}-`));
  let tools: FaultTools | undefined;
  before(async function () {
    requireKernel(this);
    await removeAbandonedLabs(hostRunner, prefix);
    tools = await FaultTools.create(folder);
  });
  const residents = new Residents();
  after(() => {
    residents.end();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    prefix,
    folder,
    residents,
    get tools() {
      if (tools === undefined) throw new Error('the tools are made before the first test');
      return tools;
    },
  };
}
