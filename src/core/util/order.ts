/** Compares by UTF-16 code unit, as Go's `sort.Strings` does for ASCII. Never the locale's order, which differs between machines. */
export function compareStrings(a: string, b: string): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

function compareKeys(a: string | number, b: string | number): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

/** Compares by each key in turn; the first that differs decides. */
export function compareBy<T>(...keys: readonly ((item: T) => string | number)[]): (a: T, b: T) => number {
  const [first, ...more] = keys;
  if (first === undefined) return () => 0;
  // Most lists have one key, and the longest ones do.
  if (more.length === 0) return (a, b) => compareKeys(first(a), first(b));
  return (a, b) => {
    for (const key of keys) {
      const order = compareKeys(key(a), key(b));
      if (order !== 0) return order;
    }
    return 0;
  };
}

/** A sorted copy; the input is never changed. */
export function sortedBy<T>(items: Iterable<T>, ...keys: readonly ((item: T) => string | number)[]): T[] {
  return [...items].sort(compareBy(...keys));
}
