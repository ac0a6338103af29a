import { HostError } from '../../host-error.ts';

/** What kind of thing is in the way; `message` says it to a person. */
export type ClusterFailure =
  /** No cluster is configured, or the kubeconfig is wrong. */
  | 'config'
  /** The credentials could not be made: a missing file, a failing credential plugin. */
  | 'credentials'
  | 'unreachable'
  | 'timeout'
  | 'tls'
  | 'unauthorized'
  | 'forbidden'
  /** An answer that no API server gives, or that tells of a fault of its own. */
  | 'bad-answer';

/** These may pass by themselves; the others need a person. */
const TRANSIENT: ReadonlySet<ClusterFailure> = new Set(['unreachable', 'timeout', 'bad-answer']);

/** Where a cluster cannot be read. The message is one line; the advice says the way out, in one or more lines. */
export class ClusterError extends HostError {
  override readonly name = 'ClusterError';
  readonly reason: ClusterFailure;
  /** Trying again later may help. */
  readonly transient: boolean;

  constructor(
    reason: ClusterFailure,
    message: string,
    more: { readonly advice?: string; readonly cause?: unknown } = {},
  ) {
    const advice = more.advice?.split('\n').map(plain).join('\n').trimEnd();
    super(plain(message).trim(), { cause: more.cause, advice });
    this.reason = reason;
    this.transient = TRANSIENT.has(reason);
  }
}

/** Servers and kubeconfigs must not send control codes to the terminal. */
function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}
