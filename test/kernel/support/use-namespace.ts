import { hostRunner } from '../../../src/host/exec.ts';
import { createNamespace, removeNamespace, uniqueName } from '../../../src/host/netns.ts';
import { useFolder } from './use-folder.ts';

export interface NamespaceContext {
  /** A folder of this suite's own. */
  readonly folder: string;
  /** The name of a network namespace that is there only while the suite's tests run. */
  readonly netns: string;
}

/** For a suite that gives chainsmith a node of its own: made before its tests and gone after them. To be called in `describe`. */
export function useNamespace(prefix: string): NamespaceContext {
  // As the namespaces of laboratories are called, so that what a killed run leaves is found and removed.
  const netns = `${uniqueName(prefix)}-node`;
  let isBegun = false;
  const folder = useFolder(prefix, {
    make: async () => {
      isBegun = true;
      await createNamespace(hostRunner, netns);
    },
    remove: async () => {
      // Where the kernel tests cannot run, there may be no ip(8) either.
      if (isBegun) await removeNamespace(hostRunner, netns);
    },
  });
  return { folder, netns };
}
