import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeAbandonedLabs } from '../../../scripts/lab/lab.ts';
import { hostRunner } from '../../../src/host/exec.ts';
import { requireKernel } from './requirements.ts';

/** What a suite makes besides its folder. */
export interface Belongings {
  /** Before the tests. */
  readonly make?: (folder: string) => Promise<void>;
  /** After them, even if `make` came only half way; the folder is still there. */
  readonly remove?: () => Promise<void> | void;
}

/**
 * For a suite in the kernel: a folder of its own, gone after its tests, however they and `remove` end; and what killed runs of the prefix left
 * is removed before. To be called in `describe`, before other hooks.
 */
export function useFolder(prefix: string, { make, remove }: Belongings = {}): string {
  const folder = mkdtempSync(join(tmpdir(), `${prefix}-`));
  before(async function () {
    requireKernel(this);
    await removeAbandonedLabs(hostRunner, prefix);
    await make?.(folder);
  });
  after(async () => {
    try {
      await remove?.();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  return folder;
}
