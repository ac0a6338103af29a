import { SaveReader, type SplitSave } from '../../core/parse/iptables-save/save-reader.ts';
import { PieceBatch } from '../piece-batch.ts';
import type { ExpectedBytes, ExpectedDump } from './expected-dump.ts';

const NEWLINE = 10;
const NOTHING = Buffer.alloc(0);

/**
 * Reads a dump from bytes, as a tool writes them. Those that are just what is expected are compared and not even decoded: a quarter of the
 * time of reading 56,000 chains. What is read is the same whatever is expected.
 */
export class DumpBytes {
  readonly #reader: SaveReader;
  readonly #text: PieceBatch;
  /** Not yet met. */
  readonly #parts: ExpectedBytes[];
  /** The one that the bytes have gone along so far, and how far. */
  #met: ExpectedBytes | undefined;
  #length = 0;
  /** The beginning of a line. */
  #rest: Buffer = NOTHING;

  constructor(file: string, expected?: ExpectedDump) {
    this.#reader = new SaveReader(file, expected?.rules);
    this.#text = new PieceBatch((text) => this.#reader.push(text));
    this.#parts = [...(expected?.bytes ?? [])];
  }

  /** The next bytes; they may end anywhere. */
  add(chunk: Uint8Array): void {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#rest.length > 0) bytes = Buffer.concat([this.#rest, bytes]);
    this.#rest = NOTHING;
    while (bytes.length > 0) bytes = this.#met === undefined ? this.#seek(bytes) : this.#compare(this.#met, bytes);
  }

  finish(): SplitSave {
    if (this.#met !== undefined) this.#give(this.#met.bytes.subarray(0, this.#length));
    this.#give(this.#rest);
    this.#text.end();
    return this.#reader.finish();
  }

  /** Whole lines only, so that characters are whole as well. Returns what is to be looked at next. */
  #seek(bytes: Buffer): Buffer {
    const [next] = this.#parts;
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const at = next === undefined ? -1 : lineAt(bytes.subarray(0, end), next.bytes.subarray(0, next.firstLine));
    if (at !== -1) {
      this.#give(bytes.subarray(0, at));
      this.#met = this.#parts.shift();
      this.#length = 0;
      return bytes.subarray(at);
    }
    this.#give(bytes.subarray(0, end));
    this.#rest = bytes.subarray(end);
    return NOTHING;
  }

  #compare(met: ExpectedBytes, bytes: Buffer): Buffer {
    const length = Math.min(bytes.length, met.bytes.length - this.#length);
    if (met.bytes.compare(bytes, 0, length, this.#length, this.#length + length) !== 0) {
      // It is something else, and so is, most likely, what follows.
      this.#met = undefined;
      this.#parts.length = 0;
      return Buffer.concat([met.bytes.subarray(0, this.#length), bytes]);
    }
    this.#length += length;
    if (this.#length === met.bytes.length) {
      this.#met = undefined;
      this.#text.end();
      if (!this.#reader.pass(met.table, met.part, () => met.bytes.toString())) this.#give(met.bytes);
    }
    return bytes.subarray(length);
  }

  #give(bytes: Buffer): void {
    if (bytes.length > 0) this.#text.add(bytes.toString());
  }
}

/** Where a line begins that is just this one, newline included; -1: nowhere. */
function lineAt(bytes: Buffer, line: Buffer): number {
  for (let at = bytes.indexOf(line); at !== -1; at = bytes.indexOf(line, at + 1))
    if (at === 0 || bytes[at - 1] === NEWLINE) return at;
  return -1;
}
