import type { PayloadTable } from '../../core/plan/restore-payload.ts';

/** Ends each table; a piece of its own. */
export const COMMIT = 'COMMIT\n';

/** A whole payload in pieces, each made when its first reader asks for it, and kept for the others. */
export class PayloadPieces implements Iterable<string> {
  readonly #made: string[] = [];
  readonly #source: Iterator<string>;

  constructor(tables: readonly PayloadTable[]) {
    this.#source = piecesOf(tables);
  }

  *[Symbol.iterator](): Generator<string> {
    for (let i = 0; ; i++) {
      const piece = this.#made[i] ?? this.#next();
      if (piece === undefined) return;
      yield piece;
    }
  }

  #next(): string | undefined {
    const { value, done } = this.#source.next();
    if (done === true) return undefined;
    this.#made.push(value);
    return value;
  }
}

function* piecesOf(tables: readonly PayloadTable[]): Generator<string> {
  for (const { body } of tables) {
    yield* body;
    yield COMMIT;
  }
}
