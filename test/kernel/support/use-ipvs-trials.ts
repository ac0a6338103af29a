import { ipvsFaultTools, IpvsTrials } from './ipvs-trial.ts';
import { useFolder } from './use-folder.ts';

export interface IpvsTrialContext {
  /** A folder of this suite's own. */
  readonly folder: string;
  /** Only while the suite's tests run. */
  readonly trials: IpvsTrials;
}

/** For a suite of trials in ipvs mode: made before its tests and gone after them. To be called in `describe`. */
export function useIpvsTrials(prefix: string): IpvsTrialContext {
  let trials: IpvsTrials | undefined;
  const folder = useFolder(prefix, {
    make: async (path) => {
      trials = new IpvsTrials(await ipvsFaultTools(path), prefix, path);
    },
    remove: () => trials?.end(),
  });
  return {
    folder,
    get trials() {
      if (trials === undefined) throw new Error('the trials are made before the first test');
      return trials;
    },
  };
}
