import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeErrno } from '../../host/sources/errno.ts';

/** Like `mkdir -p`. Node's own recursive mkdir never returns where the system refuses with ENOENT, as below /proc. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code } = describeErrno(error);
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    const parent = dirname(folder);
    if (code !== 'ENOENT' || parent === folder || (await exists(parent))) throw error;
    await makeFolder(parent);
    await mkdir(folder);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
