/** Reads the pictures that browsers take of pages: PNG with 8 bits for red, green, blue and perhaps alpha, not interlaced. */
import { inflateSync } from 'node:zlib';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** `#rrggbb` */
  readonly colorAt: (x: number, y: number) => string;
  /** How many pixels of the area have that color; of all of it, if none is given. */
  readonly count: (color: string, area?: Area) => number;
}

export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** W3C PNG 3, 5.2. */
const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

export function readPng(bytes: Buffer): Picture {
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw new Error('this is no PNG');
  const data: Buffer[] = [];
  let header: Buffer | undefined;
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') header = content;
    if (type === 'IDAT') data.push(content);
    at += length + 12;
  }
  if (header === undefined) throw new Error('a PNG without a header');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, kind, , , interlaced] = header.subarray(8);
  const channels = kind === 2 ? 3 : kind === 6 ? 4 : 0;
  if (depth !== 8 || channels === 0 || interlaced !== 0) throw new Error(`a PNG of the kind ${header.toString('hex')}`);
  return pictureOf(unfilter(inflateSync(Buffer.concat(data)), width, height, channels), width, height, channels);
}

/** W3C PNG 3, 9.2: each line says how it differs from what is left of it and above it. */
function unfilter(lines: Buffer, width: number, height: number, channels: number): Uint8Array {
  const length = width * channels;
  const pixels = new Uint8Array(length * height);
  for (let y = 0; y < height; y++) {
    const filter = lines[y * (length + 1)] ?? 0;
    for (let x = 0; x < length; x++) {
      const at = y * length + x;
      const left = x < channels ? 0 : (pixels[at - channels] ?? 0);
      const above = y === 0 ? 0 : (pixels[at - length] ?? 0);
      const corner = x < channels || y === 0 ? 0 : (pixels[at - length - channels] ?? 0);
      const added = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter];
      if (added === undefined) throw new Error(`a PNG with the filter ${filter}`);
      pixels[at] = ((lines[y * (length + 1) + 1 + x] ?? 0) + added) & 255;
    }
  }
  return pixels;
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

function pictureOf(pixels: Uint8Array, width: number, height: number, channels: number): Picture {
  const colorAt = (x: number, y: number): string => {
    const at = (y * width + x) * channels;
    return `#${Buffer.from(pixels.subarray(at, at + 3)).toString('hex')}`;
  };
  const count = (color: string, area: Area = { left: 0, top: 0, width, height }): number => {
    const [red, green, blue] = Buffer.from(color.slice(1), 'hex');
    let found = 0;
    for (let y = area.top; y < area.top + area.height; y++) {
      const start = (y * width + area.left) * channels;
      for (let at = start; at < start + area.width * channels; at += channels) {
        if (pixels[at] === red && pixels[at + 1] === green && pixels[at + 2] === blue) found += 1;
      }
    }
    return found;
  };
  return { width, height, colorAt, count };
}
