import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.ts';

/**
 * Replaces a file as a whole: if this process dies or the disk is full it has the old content or the new. Only its owner may read it. Not
 * synced: a power cut takes the kernel's rules as well, and with them the use of the file. What lies at `PATH.new`, from a process that was
 * killed say, is removed; a link there is not followed.
 */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path), 0o700);
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  // Fails where anything is there again, a link that leads nowhere included.
  const file = await open(temporary, 'wx', 0o600);
  try {
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
