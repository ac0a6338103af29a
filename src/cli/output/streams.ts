import { HostError, messageOf } from '../../host/host-error.ts';
import { describeErrno } from '../../host/sources/errno.ts';

/** Where the output cannot be written. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  readonly path: string;

  constructor(path: string, cause: unknown) {
    const { code, text } = describeErrno(cause);
    const wayOut = code === undefined ? undefined : WAY_OUT[code];
    super(`cannot write ${path}: ${text}${wayOut === undefined ? '' : ` (${wayOut})`}`, { cause });
    this.path = path;
  }
}

const WAY_OUT: { readonly [code: string]: string } = {
  EACCES: 'choose a directory that you may write to',
  EPERM: 'choose a directory that you may write to',
  EROFS: 'choose a directory elsewhere',
  ENOSPC: 'free some space, or choose a directory elsewhere',
  EDQUOT: 'free some space, or choose a directory elsewhere',
  ENOTDIR: 'a part of the path is a file; choose another directory',
  EEXIST: 'it is a file; choose another directory',
  EISDIR: 'a directory is in the way',
};

/** The reader went away (`| head`), now or at an earlier write: there is nobody to tell. */
const READER_GONE: ReadonlySet<string> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/** Node ends the process on a stream error that nobody listens to; `writeTo` reports them by its result. */
export function guardStreams(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Resolves when the text has left the process, or when nobody reads it any more. */
function writeTo(stream: NodeJS.WriteStream, name: string, text: string): Promise<void> {
  if (text === '') return Promise.resolve();
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      const { code } = error ? describeErrno(error) : {};
      if (!error || (code !== undefined && READER_GONE.has(code))) resolve();
      else reject(new OutputError(name, error));
    });
  });
}

/** Data. */
export function writeOut(text: string): Promise<void> {
  return writeTo(process.stdout, 'standard output', text);
}

/** What will be done, before any of it is: where it cannot be shown, nothing is. */
export async function writeOutFirst(text: string): Promise<void> {
  await writeOut(text).catch((cause: unknown) => {
    throw new HostError(`${messageOf(cause)}; nothing was changed`, { cause });
  });
}

/** To catch what goes wrong with showing what was done. */
export function notShown(done: string): (cause: unknown) => never {
  return (cause) => {
    throw new HostError(`${done}, but not shown: ${messageOf(cause)}`, { cause });
  };
}

/** Talk. Where not even that can be written, nothing is left to do. */
export async function writeErr(text: string): Promise<void> {
  await writeTo(process.stderr, 'standard error', text).catch(() => {});
}
