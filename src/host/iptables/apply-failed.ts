import { HostError, messageOf } from '../host-error.ts';

/** What the node has after an apply that failed. */
export type Outcome =
  | { readonly kind: 'unchanged' }
  /** It had been loaded, and somebody else had put back what was there before. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'restored' }
  | { readonly kind: 'not-restored'; readonly why: string };

const SAID: { readonly [K in Outcome['kind']]: string } = {
  unchanged: 'Nothing was changed: the node has the rules it had before.',
  gone: 'Another program has put back what was there meanwhile: the node has the rules it had before.',
  restored: 'What had been changed was put back and read back: the node has the rules it had before.',
  'not-restored': 'WHAT WAS CHANGED COULD NOT BE PUT BACK: the node has a mix of old and new rules.',
};

export class ApplyFailed extends HostError {
  override readonly name = 'ApplyFailed';
  readonly outcome: Outcome;

  constructor(cause: unknown, outcome: Outcome) {
    const own = cause instanceof HostError ? cause : undefined;
    const why = outcome.kind === 'not-restored' ? [`(${outcome.why})`] : [];
    super(messageOf(cause), {
      details: [...(own?.details ?? []), SAID[outcome.kind], ...why],
      advice: outcome.kind === 'not-restored' ? 'chainsmith undo tries again to put back what was there' : own?.advice,
      cause,
    });
    this.outcome = outcome;
  }
}

/** Ctrl-C, before anything was written. */
export class Interrupted extends HostError {
  override readonly name = 'Interrupted';

  constructor() {
    super('interrupted');
  }
}
