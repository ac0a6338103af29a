import { nodeIo, type SourceIo } from '../../src/host/sources/source-io.ts';
import { folderIo } from '../../src/host/testing/folder-io.ts';

/** Paths in messages are those inside the case, whatever folder the checkout is in. */
export function caseIo(folder: string): SourceIo {
  const readStdin = () => Promise.reject(new Error('a golden case has no standard input'));
  return folderIo(folder, { ...nodeIo, readStdin });
}
