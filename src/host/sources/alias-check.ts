/** More than any manifest; a document of a few lines of nested aliases can stand for billions of values. */
const MAX_VALUES = 2_000_000;

/**
 * Aliases make one object appear in several places. Says what is wrong if one contains itself, or if writing all of them out would
 * be too much; undefined if all is well. Depth is limited by the YAML reader (100), so recursion is safe.
 */
export function aliasProblem(document: unknown): string | undefined {
  const sizes = new Map<object, number>();
  const open = new Set<object>();
  let loop = false;
  const sizeOf = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) return 1;
    const known = sizes.get(value);
    if (known !== undefined) return known;
    if (open.has(value)) {
      loop = true;
      return 1;
    }
    open.add(value);
    let size = 1;
    for (const child of Object.values(value)) size += sizeOf(child);
    open.delete(value);
    sizes.set(value, size);
    return size;
  };
  const size = sizeOf(document);
  if (loop) return 'an anchor contains an alias of itself';
  return size > MAX_VALUES ? 'aliases multiply to millions of values' : undefined;
}
