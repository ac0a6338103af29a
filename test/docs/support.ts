/** The fenced blocks of a document that begin like this, each without its fences. */
export function fencedBlocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(/^```([a-z]*)\n([^]*?)^```$/gm)].filter((m) => m[1] === language).map((m) => m[2] ?? '');
}

/** One `chainsmith ...` of a document, without what a pipe leads it to. */
export interface ShownCommand {
  readonly words: readonly string[];
}

/** Every chainsmith command of the shell blocks; in console blocks only what follows a prompt is a command. */
export function shownCommands(text: string): readonly ShownCommand[] {
  const scripts = fencedBlocks(text, 'sh').flatMap((block) => block.split('\n'));
  const console = fencedBlocks(text, 'console').flatMap((block) => block.split('\n'));
  const lines = [...scripts, ...console.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))];
  return lines.flatMap((line) => commandsIn(line));
}

/** Also used for the first comments of examples. */
export function commandsIn(line: string): readonly ShownCommand[] {
  if (line.trimStart().startsWith('# ') && !line.includes('npx chainsmith')) return [];
  return [...line.matchAll(/(?:^|[\s(])(?:npx )?chainsmith (?=[-a-z])([^|>)&;]*)/g)].map((m) => ({
    words: (m[1] ?? '').trim().split(/\s+/),
  }));
}
