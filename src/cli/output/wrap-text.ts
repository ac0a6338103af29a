/** Breaks a paragraph at spaces so that no line is longer than `width`, if words allow. */
export function wrapText(text: string, width: number, indent: string = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((w) => w !== '')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((l) => `${indent}${l}\n`).join('');
}
