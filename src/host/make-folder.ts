import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeErrno } from './sources/errno.ts';

/** Like `mkdir -p`. Node's own recursive mkdir never returns where the system refuses with ENOENT, as below /proc. */
export async function makeFolder(folder: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(folder, mode);
  } catch (error) {
    const { code } = describeErrno(error);
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    const parent = dirname(folder);
    if (code !== 'ENOENT' || parent === folder || (await exists(parent))) throw error;
    await makeFolder(parent, mode);
    await mkdir(folder, mode);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
