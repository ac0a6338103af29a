import { getSystemErrorMap } from 'node:util';

export interface ErrnoText {
  /** `ENOENT`; undefined if the error is not a system call's. */
  readonly code?: string;
  /** In libuv's plain words, without the path and call that Node puts into its messages. */
  readonly text: string;
}

/** Says what went wrong in a system call: `no such file or directory`. */
export function describeErrno(error: unknown): ErrnoText {
  if (!(error instanceof Error)) return { text: String(error) };
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code === undefined) return { text: error.message };
  const known = errno === undefined ? undefined : getSystemErrorMap().get(errno);
  return { code, text: known === undefined ? error.message : known[1] };
}
