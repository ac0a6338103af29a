import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Command, Option } from 'commander';
import { refreshConsoleBlocks } from '../../scripts/docs/console-blocks.ts';
import { refreshGeneratedParts } from '../../scripts/docs/generated-parts.ts';
import { readPages, ROOT } from '../../scripts/docs/pages.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { shownCommands, type ShownCommand } from './support.ts';

const UPDATE = 'npm run docs:update brings it up to date';

/** What the command line has nothing of, as far as the words of one shown command tell. */
function unknownWords({ words }: ShownCommand, program: Command): readonly string[] {
  const [name = '', ...rest] = words;
  const command = name.startsWith('-') ? program : program.commands.find((c) => c.name() === name);
  if (command === undefined) return [name];
  const known = [...command.options, ...program.options].flatMap((o: Option) => [o.short, o.long]);
  const flags = (command === program ? words : rest)
    .filter((word) => word.startsWith('-') && word !== '-')
    .map((word) => word.split('=')[0] ?? word);
  return flags.filter((flag) => !['-h', '--help', ...known].includes(flag));
}

describe('documents', () => {
  for (const { path, text } of readPages()) {
    describe(path, () => {
      it('show only commands and options that exist', () => {
        const program = buildProgram([], '0.0.0');
        const unknown = shownCommands(text).flatMap((command) => unknownWords(command, program));
        assert.deepEqual(unknown, []);
      });

      it('have real and current output', () => {
        assert.equal(refreshConsoleBlocks(text), text, UPDATE);
      });

      it('have current generated parts', () => {
        assert.equal(refreshGeneratedParts(text), text, UPDATE);
      });

      it('link to files and headings that exist', () => {
        const pages = new Map(readPages().map((page) => [page.path, page.text]));
        for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
          if (/^https?:/.test(target)) continue;
          const [file = '', heading] = target.split('#');
          const linked = file === '' ? path : posix.normalize(posix.join(posix.dirname(path), file));
          assert.ok(existsSync(join(ROOT, linked)), `${target} is not there`);
          if (heading !== undefined) assert.ok(headings(pages.get(linked) ?? '').includes(heading), `no ${target}`);
        }
      });
    });
  }
});

/** The anchors that Markdown viewers give headings. */
function headings(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9 _-]/g, '')
      .replaceAll(' ', '-'),
  );
}
