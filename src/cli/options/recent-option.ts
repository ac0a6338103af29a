import { InvalidArgumentError } from 'commander';

/** Whether xt_recent has seen the packet's address. */
export interface RecentSetting {
  /** Undefined: every list that nothing else is said of. */
  readonly list: string | undefined;
  readonly answer: boolean | 'either';
}

const ANSWERS: Readonly<Record<string, RecentSetting['answer']>> = { hit: true, miss: false, either: 'either' };

/** `hit`, `miss`, `either`, or one of them for a list: `KUBE-SEP-ABC=hit`; each time adds one. */
export function collectRecent(text: string, before: readonly RecentSetting[] | undefined): readonly RecentSetting[] {
  const equals = text.lastIndexOf('=');
  const answer = ANSWERS[text.slice(equals + 1)];
  if (answer === undefined || equals === 0)
    throw new InvalidArgumentError('It takes hit, miss or either, or LIST=hit.');
  return [...(before ?? []), { list: equals === -1 ? undefined : text.slice(0, equals), answer }];
}
