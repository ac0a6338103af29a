import type { Outcome } from './fault-trial.ts';
import type { NodeState } from './node-state.ts';

/** What is wrong around chainsmith, and not in a call of it. */
export interface Machine {
  /** Shell commands in the process that becomes chainsmith; they end with `exec "$@"`. */
  readonly within?: string;
  /** Made of the PATH that it would have. */
  readonly environment?: (path: string) => Readonly<Record<string, string>>;
  /** A folder for the state instead of the usual one. */
  readonly stateDir?: string;
  readonly outcome: Outcome;
  /** Lines of the node's state that somebody else writes meanwhile, or takes away: they are not judged. */
  readonly stranger?: RegExp;
}

/** The state without the lines that match. */
export function withoutLines(state: NodeState, stranger: RegExp): NodeState {
  return new Map(
    [...state].map(([key, text]) => [
      key,
      text
        .split('\n')
        .filter((line) => !stranger.test(line))
        .join('\n'),
    ]),
  );
}
