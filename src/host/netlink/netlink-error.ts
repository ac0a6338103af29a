import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { HostError } from '../host-error.ts';
import type { Refusal } from './codec/answer.ts';

export interface ErrnoWords {
  /** `ENOENT`, `IPSET_ERR_EXIST` */
  readonly code: string;
  /** In plain words. */
  readonly text: string;
}

/** Names of positive error numbers; families with numbers of their own (ipset) have another table before it. */
export function errnoWords(errno: number): ErrnoWords {
  // Two names for one number, of which libuv has the one that the kernel never uses.
  if (errno === constants.errno.EOPNOTSUPP) return { code: 'EOPNOTSUPP', text: 'operation not supported' };
  const [code, text] = getSystemErrorMap().get(-errno) ?? [];
  if (code !== undefined && text !== undefined) return { code, text };
  const name = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0];
  return { code: name ?? `errno ${errno}`, text: name ?? 'an error without a name' };
}

export interface NetlinkFailure {
  /** What was tried, with the object's name: `add 10.0.0.1,tcp:80 to KUBE-CLUSTER-IP`. */
  readonly operation: string;
  readonly errno: number;
  readonly words?: ErrnoWords;
  readonly refusal?: Refusal;
  /** Trying again may help: the kernel lost answers, or its tables changed while it listed them. */
  readonly transient?: boolean;
  readonly cause?: unknown;
}

/** The kernel said no, or the socket did. The message has the operation, the error's name, and the kernel's own words if it had any. */
export class NetlinkError extends HostError {
  override readonly name = 'NetlinkError';
  readonly operation: string;
  /** Positive; from 4096 on a family's own. */
  readonly errno: number;
  /** `ENOENT`, `IPSET_ERR_EXIST` */
  readonly code: string;
  readonly kernelMessage: string | undefined;
  /** Of the attribute at fault, in bytes from the request's beginning. */
  readonly offset: number | undefined;
  readonly transient: boolean;

  constructor({ operation, errno, words = errnoWords(errno), refusal, transient = false, cause }: NetlinkFailure) {
    const said = refusal?.text === undefined ? '' : `; the kernel says: ${refusal.text}`;
    const advice = PRIVILEGES.has(words.code) ? 'run chainsmith as root' : undefined;
    super(`${operation}: ${words.text} (${words.code})${said}${placeOf(refusal)}`, { cause, advice });
    this.operation = operation;
    this.errno = errno;
    this.code = words.code;
    this.kernelMessage = refusal?.text;
    this.offset = refusal?.offset;
    this.transient = transient;
  }
}

const PRIVILEGES: ReadonlySet<string> = new Set(['EPERM', 'EACCES']);

function placeOf(refusal: Refusal | undefined): string {
  const places = [
    ...(refusal?.offset === undefined ? [] : [`at byte ${refusal.offset} of the request`]),
    ...(refusal?.missing === undefined ? [] : [`attribute ${refusal.missing} is missing`]),
  ];
  return places.length === 0 ? '' : ` (${places.join(', ')})`;
}
