import { diagnose, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { SourceError } from './source-error.ts';

export type Decoded = { readonly text: string } | { readonly problem: Diagnostic };

/** V8 cannot hold a longer string (2^29 - 24 characters). */
const MAX_BYTES = 0x1fffffe8;

function notText(file: string, message: string, hint?: string): Decoded {
  return { problem: diagnose('not-text', { message, location: { file }, hint }) };
}

/** UTF-16 as PowerShell 5 writes it with `>`, with its mark or, as in ASCII text, a zero in every other byte. */
function looksLikeUtf16(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  return (a === 0 && b !== 0 && c === 0 && d !== 0) || (a !== 0 && b === 0 && c !== 0 && d === 0);
}

/** UTF-8 to text; a byte order mark is dropped. */
export function decodeText(bytes: Uint8Array, file: string): Decoded {
  if (bytes.length > MAX_BYTES) {
    throw new SourceError(file, 'it is larger than 512 MB; split it into several files');
  }
  if (bytes.length >= 2 && looksLikeUtf16(bytes)) {
    return notText(
      file,
      'the text is UTF-16',
      'convert it: iconv -f UTF-16 -t UTF-8; PowerShell: Out-File -Encoding utf8',
    );
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    return notText(file, 'the file is compressed by gzip', 'unpack it first: gunzip -c FILE');
  }
  if (bytes.includes(0)) return notText(file, 'the file is binary (it contains zero bytes)');
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return notText(file, 'the text is not UTF-8', 'iconv -f LATIN1 -t UTF-8 converts it, if it is Latin-1');
  }
}
