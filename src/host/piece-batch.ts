/** Characters. The tools of iptables write 4 KB at a time, and a large node has 16 MB of rules. */
const ENOUGH = 262_144;

/** Puts small pieces of output together. What it hands on ends with a line, all but the last. */
export class PieceBatch {
  readonly #write: (text: string) => void;
  #pieces: string[] = [];
  #length = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  add(piece: string): void {
    const newline = this.#length + piece.length < ENOUGH ? -1 : piece.lastIndexOf('\n');
    if (newline === -1) {
      this.#keep(piece);
      return;
    }
    this.#keep(piece.slice(0, newline + 1));
    this.end();
    this.#keep(piece.slice(newline + 1));
  }

  /** Hands on what is left. */
  end(): void {
    const text = this.#pieces.join('');
    this.#pieces = [];
    this.#length = 0;
    if (text !== '') this.#write(text);
  }

  #keep(piece: string): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }
}
