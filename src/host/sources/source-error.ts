import { describeErrno } from './errno.ts';

/** Where a path of the command line cannot be read. One line for the user: path, reason, way out. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  /** As it was given or found; `<stdin>` for standard input. */
  readonly path: string;

  constructor(path: string, reason: string, cause?: unknown) {
    super(`cannot read ${path}: ${reason}`, cause === undefined ? undefined : { cause });
    this.path = path;
  }
}

const WAY_OUT: { readonly [code: string]: string } = {
  ENOENT: 'check the spelling; relative paths start at the current directory',
  EACCES: 'ls -l shows who may read it',
  EPERM: 'ls -l shows who may read it',
  ENOTDIR: 'a part of the path is a file, not a directory',
  ELOOP: 'a symbolic link leads back to itself',
  EISDIR: 'give a file',
};

/** A failed system call as a `SourceError`; what was thrown stays its cause. */
export function sourceErrorOf(path: string, error: unknown): SourceError {
  const { code, text } = describeErrno(error);
  if (/^https?:\/\//.test(path)) {
    return new SourceError(
      path,
      `chainsmith reads no URLs; fetch it: curl -sSfL ${path} | chainsmith compile -f -`,
      error,
    );
  }
  const wayOut = code === undefined ? undefined : WAY_OUT[code];
  return new SourceError(path, wayOut === undefined ? text : `${text} (${wayOut})`, error);
}
