/** Like `push(...items)`, which overflows the stack where there are more than some 100,000. */
export function appendTo<T>(list: T[], items: Iterable<T>): void {
  for (const item of items) list.push(item);
}
