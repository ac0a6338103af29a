import { createHash, hash } from 'node:crypto';

// RFC 4648 alphabet, as Go's encoding/base32.StdEncoding.
const ALPHABET = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', (letter) => letter.charCodeAt(0));

/** SHA-256 as a string of 32 characters, one per byte: strings cross from C++ several times faster than buffers. */
function sha256Latin1(text: string): string {
  // crypto.hash came with Node 20.12; the types of Node 20 call it experimental.
  return typeof hash === 'function'
    ? hash('sha256', text, 'binary')
    : createHash('sha256').update(text).digest('binary');
}

/**
 * The first `length` characters of base32(sha256(text)), the form of every chain-name suffix of kube-proxy
 * (`KUBE-SVC-` + 16 characters). `length` is at most 51, where padding would begin.
 */
export function base32Sha256(text: string, length: number): string {
  const digest = sha256Latin1(text);
  const letters: number[] = [];
  let bits = 0;
  let value = 0;
  for (let i = 0; letters.length < length; i++) {
    value = (value << 8) | digest.charCodeAt(i);
    bits += 8;
    while (bits >= 5 && letters.length < length) {
      bits -= 5;
      letters.push(ALPHABET[(value >>> bits) & 31] ?? 0);
    }
    value &= 31;
  }
  return String.fromCharCode(...letters);
}

/** A number in [0, 2^48) that depends on `text` alone: the start of a stable choice. */
export function hash48(text: string): number {
  const digest = sha256Latin1(text);
  let value = 0;
  for (let i = 0; i < 6; i++) value = value * 256 + digest.charCodeAt(i);
  return value;
}

/** SHA-256 in hexadecimal digits: for telling whether a long text is still the same. */
export function sha256Hex(text: string): string {
  return typeof hash === 'function' ? hash('sha256', text, 'hex') : createHash('sha256').update(text).digest('hex');
}
