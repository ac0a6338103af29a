/** What `chainsmith explain CODE` says of a diagnostic code. */
export interface CodeInfo {
  readonly severity: 'error' | 'warning' | 'info';
  /** What it is, in a few words. */
  readonly title: string;
  /** A paragraph: what happened, why it matters, what to do. */
  readonly explanation: string;
}
