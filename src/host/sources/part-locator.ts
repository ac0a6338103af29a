import type { FieldPath, SourceLocation } from '../../core/diag/source-location.ts';

/** A value in a text, as its reader finds it again. */
export interface Part {
  /** From 1; of a field it is the line of its name. */
  readonly line: number;
}

export type PartsOf<P extends Part> = (outer: P) => ReadonlyMap<string | number, P>;

/**
 * Finds parts of one document by their paths. Nothing happens before the first question, and the parts of each mapping and list are
 * found once: there may be as many questions as a long list has items.
 */
export function partLocator<P extends Part>(
  file: string,
  root: () => P | undefined,
  partsOf: PartsOf<P>,
): (path: FieldPath) => SourceLocation {
  const known = new Map<P, ReadonlyMap<string | number, P>>();
  let start: { readonly part: P | undefined } | undefined;
  return (path) => {
    start ??= { part: root() };
    let part = start.part;
    for (const step of part === undefined ? [] : path) {
      if (part === undefined) break;
      const parts = known.get(part) ?? partsOf(part);
      known.set(part, parts);
      const next = parts.get(step);
      if (next === undefined) break;
      part = next;
    }
    return part === undefined ? { file } : { file, line: part.line };
  };
}

/** Line breaks between two places of a text. */
export function countLines(text: string, from: number = 0, to: number = text.length): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
