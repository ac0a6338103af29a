import { FaultTools } from './fault-tools.ts';
import type { TrialContext } from './fault-trial.ts';
import { Residents } from './residents.ts';
import { useFolder } from './use-folder.ts';

/** For a suite of trials: a folder, and tools that can fail, made before its tests and gone after them. To be called in `describe`. */
export function useTrials(prefix: string): TrialContext {
  const residents = new Residents();
  let tools: FaultTools | undefined;
  const folder = useFolder(prefix, {
    make: async (path) => {
      tools = await FaultTools.create(path);
    },
    remove: () => residents.end(),
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
