// Nearly every list here has one item or none, and there are hundreds of thousands.

/** Each item once, in their order. */
export function unique<T>(items: readonly T[]): readonly T[] {
  return items.length < 2 ? items : [...new Set(items)];
}

/** Line numbers, each once, ascending. */
export function sortedLines(lines: readonly number[]): readonly number[] {
  return lines.length < 2 ? lines : ascending([...new Set(lines)]);
}

/** The same list, sorted. Most are already, and a sort would copy them first. */
export function ascending(lines: number[]): number[] {
  let last = 0;
  for (const line of lines) {
    if (line < last) return lines.sort((a, b) => a - b);
    last = line;
  }
  return lines;
}
