/** Compares by UTF-16 code unit, as Go's `sort.Strings` does for ASCII. Never the locale's order, which differs between machines. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function compareNumbers(a: number, b: number): number {
  return a - b;
}

/** Compares by each key in turn; the first that differs decides. */
export function compareBy<T>(...keys: readonly ((item: T) => string | number)[]): (a: T, b: T) => number {
  return (a, b) => {
    for (const key of keys) {
      const x = key(a);
      const y = key(b);
      const order =
        typeof x === 'number' && typeof y === 'number' ? compareNumbers(x, y) : compareStrings(String(x), String(y));
      if (order !== 0) return order;
    }
    return 0;
  };
}

/** A sorted copy; the input is never changed. */
export function sortedBy<T>(items: Iterable<T>, ...keys: readonly ((item: T) => string | number)[]): T[] {
  return [...items].sort(compareBy(...keys));
}
