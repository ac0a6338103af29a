/** A block that opens and closes in one line, or anything else between braces: what it prints can be anything. */
const PRINTED = /\{\{#(\w+)[^}]*\}\}.*?\{\{\/\1\}\}|\{\{.*?\}\}+/g;

/** The line of a template, from 1, that printed a line; undefined where it cannot be told from the others. */
export function templateLine(template: string, printed: string): number | undefined {
  const found = template.split('\n').flatMap((line, i) => (couldPrint(line, printed) ? [i + 1] : []));
  return found.length === 1 ? found[0] : undefined;
}

function couldPrint(line: string, printed: string): boolean {
  const pieces = line.replace(PRINTED, '\n').split('\n');
  if (pieces.length === 1) return line === printed;
  if (pieces.every((piece) => piece.trim() === '')) return false;
  const last = pieces.pop() ?? '';
  let at = 0;
  for (const [i, piece] of pieces.entries()) {
    const next = printed.indexOf(piece, at);
    if (next === -1 || (i === 0 && next !== 0)) return false;
    at = next + piece.length;
  }
  return printed.length - last.length >= at && printed.endsWith(last);
}
