import type { ConnmarkTarget, MarkTarget } from '../../../ruleset/target.ts';
import { extension, type Extension } from '../extension.ts';
import type { OptionReader } from '../option-reader.ts';
import { readMark, readUint, UINT32, type Mark } from '../read-values.ts';

/** Unsigned, as the bit operators of JavaScript are not. */
function unsigned(bits: number): number {
  return bits >>> 0;
}

const SETTERS = ['--set-xmark', '--set-mark', '--and-mark', '--or-mark', '--xor-mark'];

/**
 * All ways to change a mark come down to `mark = (mark & ~mask) ^ value` (libxt_MARK.c): --set-mark clears the bits of its value too,
 * --or-mark and --xor-mark have the value, or nothing, as their mask.
 */
function readSetter(options: OptionReader): Mark | undefined {
  const use = options.oneOf(SETTERS);
  if (use === undefined) return undefined;
  if (use.negated) options.fault(use, `a "!" before ${use.name}`);
  if (use.name === '--set-xmark' || use.name === '--set-mark') {
    const mark = options.value(use, 'mark', readMark);
    if (mark === undefined || use.name === '--set-xmark') return mark;
    return { value: mark.value, mask: unsigned(mark.mask | mark.value) };
  }
  const bits = options.value(use, 'mark', (text) => readUint(text, UINT32));
  if (bits === undefined) return undefined;
  if (use.name === '--and-mark') return { value: 0, mask: unsigned(~bits) };
  return { value: bits, mask: use.name === '--or-mark' ? bits : 0 };
}

const NO_CHANGE: Mark = { value: 0, mask: 0 };

const SETTER_OPTIONS = { '--set-xmark': 1, '--set-mark': 1, '--and-mark': 1, '--or-mark': 1, '--xor-mark': 1 } as const;

export const markTarget: Extension<MarkTarget> = extension(SETTER_OPTIONS, (options) => {
  const mark = readSetter(options);
  options.require(options.oneOf(SETTERS), '--set-xmark');
  return { kind: 'mark', ...(mark ?? NO_CHANGE) };
});

function readCopy(options: OptionReader): ConnmarkTarget['change'] | undefined {
  const use = options.oneOf(['--save-mark', '--restore-mark']);
  if (use === undefined) return undefined;
  if (use.negated) options.fault(use, `a "!" before ${use.name}`);
  const both = options.number('--mask');
  return {
    kind: use.name === '--save-mark' ? 'save' : 'restore',
    packetMask: options.number('--nfmask') ?? both ?? UINT32,
    connectionMask: options.number('--ctmask') ?? both ?? UINT32,
  };
}

export const connmarkTarget: Extension<ConnmarkTarget> = extension(
  { ...SETTER_OPTIONS, '--save-mark': 0, '--restore-mark': 0, '--nfmask': 1, '--ctmask': 1, '--mask': 1 },
  (options) => {
    const [set, copy] = [readSetter(options), readCopy(options)];
    options.require(options.oneOf([...SETTERS, '--save-mark', '--restore-mark']), '--set-xmark');
    return { kind: 'connmark', change: copy ?? { kind: 'set', ...(set ?? NO_CHANGE) } };
  },
);
