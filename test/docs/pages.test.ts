import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { refreshConsoleBlocks } from '../../scripts/docs/console-blocks.ts';
import { refreshGeneratedParts } from '../../scripts/docs/generated-parts.ts';
import { readPages, ROOT } from '../../scripts/docs/pages.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { shownCommands, type ShownCommand } from './support.ts';

const UPDATE = 'npm run docs:update brings it up to date';

/** Parses one shown command as the command line would, values included; what is left over is unknown to it. */
function unknownWords({ words }: ShownCommand): readonly string[] {
  const program = buildProgram([], '0.0.0');
  const { operands, unknown } = program.parseOptions([...words]);
  const [name, ...rest] = operands;
  const command = program.commands.find((c) => c.name() === name);
  const left = command === undefined ? [...operands, ...unknown] : command.parseOptions([...rest, ...unknown]).unknown;
  return left.filter((word) => !['-h', '--help'].includes(word));
}

describe('documents', () => {
  it('are searched for commands at all', () => {
    const commands = readPages().flatMap(({ text }) => shownCommands(text).map((c) => c.words.join(' ')));
    assert.ok(commands.length > 25, `${commands.length}`);
    assert.ok(commands.includes('compile -f manifests/ -f extra.yaml --node worker-1 --cluster-cidr 10.244.0.0/16'));
    assert.deepEqual(unknownWords({ words: ['compile', '-q', '-f', 'x', '--masquerade-al'] }), ['--masquerade-al']);
    assert.deepEqual(unknownWords({ words: ['run', '-f', 'x'] }), ['run', '-f', 'x']);
  });

  for (const { path, text } of readPages()) {
    describe(path, () => {
      it('show only commands and options that exist', () => {
        assert.deepEqual(shownCommands(text).flatMap(unknownWords), []);
      });

      it('have real and current output', function () {
        // Dozens of commands on some pages.
        this.timeout(300_000);
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
