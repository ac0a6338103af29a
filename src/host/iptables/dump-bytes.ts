import { SaveReader, type SplitSave } from '../../core/parse/iptables-save/save-reader.ts';
import { PieceBatch } from '../piece-batch.ts';
import type { ExpectedBytes, ExpectedDump } from './expected-dump.ts';

const NEWLINE = 10;
const NOTHING = Buffer.alloc(0);

/**
 * Reads a dump from bytes, as a tool writes them. Those that are just what is expected are compared and not even decoded, which
 * takes a third of the time (56,000 chains, 16 MB). What is read is the same whatever is expected.
 */
export class DumpBytes {
  readonly #reader: SaveReader;
  readonly #text: PieceBatch;
  /** Not yet read. */
  readonly #parts: ExpectedBytes[];
  /** The one that the bytes have gone along so far, and how far. */
  #met: ExpectedBytes | undefined;
  #length = 0;
  #undecoded = 0;
  /** The beginning of a line, in pieces. */
  #rest: Buffer[] = [];

  constructor(file: string, expected?: ExpectedDump) {
    this.#reader = new SaveReader(file, expected?.rules);
    this.#text = new PieceBatch((text) => this.#reader.push(text));
    this.#parts = [...(expected?.bytes ?? [])];
  }

  /** How many bytes were compared only. */
  get undecoded(): number {
    return this.#undecoded;
  }

  /** The next bytes; they may end anywhere. */
  add(chunk: Uint8Array): void {
    let bytes: Buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#rest.length > 0) {
      this.#rest.push(bytes);
      if (!bytes.includes(NEWLINE)) return;
      bytes = Buffer.concat(this.#rest.splice(0));
    }
    while (bytes.length > 0) bytes = this.#met === undefined ? this.#seek(bytes) : this.#compare(this.#met, bytes);
  }

  finish(): SplitSave {
    if (this.#met !== undefined) this.#give(this.#met.bytes.subarray(0, this.#length));
    this.#give(Buffer.concat(this.#rest));
    this.#text.end();
    return this.#reader.finish();
  }

  /** Whole lines only, so that characters are whole as well. Returns what is to be looked at next. */
  #seek(bytes: Buffer): Buffer {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const found = this.#firstOf(bytes.subarray(0, end));
    if (found !== undefined) {
      this.#give(bytes.subarray(0, found.at));
      this.#met = found.part;
      this.#length = 0;
      return bytes.subarray(found.at);
    }
    this.#give(bytes.subarray(0, end));
    if (end < bytes.length) this.#rest.push(bytes.subarray(end));
    return NOTHING;
  }

  /** The part whose first line comes first. */
  #firstOf(lines: Buffer): { readonly part: ExpectedBytes; readonly at: number } | undefined {
    let first: { readonly part: ExpectedBytes; readonly at: number } | undefined;
    for (const part of this.#parts) {
      const at = lineAt(lines, part.bytes.subarray(0, part.firstLine));
      if (at !== -1 && (first === undefined || at < first.at)) first = { part, at };
    }
    return first;
  }

  #compare(met: ExpectedBytes, bytes: Buffer): Buffer {
    const length = Math.min(bytes.length, met.bytes.length - this.#length);
    if (met.bytes.compare(bytes, 0, length, this.#length, this.#length + length) !== 0) {
      // A chain of that name in another table, or one of the kubelet's among the declarations: what is expected may come yet.
      this.#met = undefined;
      const again = Buffer.concat([met.bytes.subarray(0, this.#length), bytes]);
      this.#give(again.subarray(0, met.firstLine));
      return again.subarray(met.firstLine);
    }
    this.#length += length;
    if (this.#length === met.bytes.length) {
      this.#met = undefined;
      this.#parts.splice(this.#parts.indexOf(met), 1);
      this.#text.end();
      if (this.#reader.pass(met.table, met.part, () => met.bytes.toString())) this.#undecoded += met.bytes.length;
      else this.#give(met.bytes);
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
