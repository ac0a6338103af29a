/**
 * Standard input that is written piece by piece while this process computes and its event loop stands still: a CommandRunner of this
 * machine hands it on from a thread of its own. To all others it is an AsyncIterable like any.
 */
export class PieceFeed implements AsyncIterable<string> {
  readonly #pieces: string[] = [];
  #isEnded = false;
  #changed = (): void => {};
  #receive: ((piece: string | undefined) => void) | undefined;

  write(piece: string): void {
    if (this.#isEnded) throw new Error('written behind the end');
    this.#pieces.push(piece);
    this.#receive?.(piece);
    this.#changed();
  }

  /** Nothing follows. Does nothing a second time. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#receive?.(undefined);
    this.#changed();
  }

  /** All that was written, in order. */
  written(): readonly string[] {
    return this.#pieces;
  }

  /** `receive` gets every piece at once, those before this call first, and undefined at the end. */
  forward(receive: (piece: string | undefined) => void): void {
    for (const piece of this.#pieces) receive(piece);
    if (this.#isEnded) receive(undefined);
    this.#receive = receive;
  }

  [Symbol.asyncIterator](): AsyncGenerator<string> {
    return this.pieces();
  }

  /** The same pieces, for those that must not take it for a feed. */
  async *pieces(): AsyncGenerator<string> {
    for (let i = 0; ; i++) {
      while (i >= this.#pieces.length && !this.#isEnded) await this.#change();
      const piece = this.#pieces[i];
      if (piece === undefined) return;
      yield piece;
    }
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#changed = resolve;
    });
  }
}
