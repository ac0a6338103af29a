import { LineIndex } from './line-index.ts';

/** A text that is read in pieces; they are put together when a line is asked for. */
export class LinesRead {
  readonly #pieces: (string | (() => string))[] = [];
  #index: LineIndex | undefined;

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  add(piece: string | (() => string)): void {
    this.#pieces.push(piece);
    this.#index = undefined;
  }

  /** A line (from 1) with its end. */
  line(number: number): string {
    this.#index ??= new LineIndex(this.#pieces.map((piece) => (typeof piece === 'string' ? piece : piece())).join(''));
    return this.#index.line(number);
  }
}
