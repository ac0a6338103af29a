// The one place that loads koffi, which calls functions of the C library. It is an optional dependency: installations may leave it out
// (`--omit=optional`), and it has no binary for some platforms. So it is loaded when the first socket is opened, and described here by what
// is used of it, so that the build does not need it either.
import { createRequire } from 'node:module';
import { HostError, messageOf } from '../../host-error.ts';

export type CFunction = (...args: readonly (number | Uint8Array)[]) => unknown;

export interface Koffi {
  /** With null the symbols of this process, where the C library is, glibc or musl. */
  readonly load: (library: null) => { readonly func: (declaration: string) => CFunction };
  /** That of the last call, right after it. */
  readonly errno: () => number;
}

/** Netlink cannot be spoken from this process; what is missing, and how to get it. */
export class NetlinkUnavailable extends HostError {
  override readonly name = 'NetlinkUnavailable';
}

export const KOFFI_VERSION = '3.3.4';

/** Throws NetlinkUnavailable. */
export function loadKoffi(require: (name: string) => unknown = createRequire(import.meta.url)): Koffi {
  let loaded: unknown;
  try {
    loaded = require('koffi');
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND';
    const reason = isMissing ? 'which is not installed' : `which does not load: ${firstLine(messageOf(cause))}`;
    throw new NetlinkUnavailable(`speaking netlink takes the package koffi, ${reason}`, { advice: ADVICE, cause });
  }
  if (isKoffi(loaded)) return loaded;
  throw new NetlinkUnavailable('the package koffi that is installed is not the one that speaking netlink takes', {
    advice: ADVICE,
  });
}

const ADVICE = `npm install koffi@${KOFFI_VERSION} where chainsmith is installed (it is an optional dependency, which --omit=optional leaves out)`;

function isKoffi(value: unknown): value is Koffi {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return 'load' in value && typeof value.load === 'function' && 'errno' in value && typeof value.errno === 'function';
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
