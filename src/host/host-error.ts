/**
 * Something of this machine stands in the way: a program failed, a file cannot be written, somebody holds a lock. Its message is for
 * people, one line; `details` are further lines, `advice` says what to do.
 */
export class HostError extends Error {
  override readonly name: string = 'HostError';
  readonly details: readonly string[];
  readonly advice: string | undefined;

  constructor(message: string, more: HostErrorOptions = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.details = more.details ?? [];
    this.advice = more.advice;
  }
}

export interface HostErrorOptions {
  readonly details?: readonly string[] | undefined;
  readonly advice?: string | undefined;
  readonly cause?: unknown;
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
