/** The command line asks for something that cannot be; not a problem of the input. One line, and what to do instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** More lines for the user. */
  readonly advice: string | undefined;

  constructor(message: string, advice?: string) {
    super(message);
    this.advice = advice;
  }
}
