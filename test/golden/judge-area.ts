import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { foldersIn } from '../support/golden-case.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { judgeText, keepActual } from './run.ts';

export interface ProducedCase {
  readonly files: ReadonlyMap<string, string>;
  /** What is wrong with it besides files that are not the expected ones. */
  readonly faults?: readonly string[];
}

export interface GoldenArea {
  /** Of the folder in golden/. */
  readonly area: string;
  /** So many cases there are at least. */
  readonly least: number;
  readonly byHand: readonly string[];
  readonly produce: (folder: string) => ProducedCase | Promise<ProducedCase>;
}

/** A test for each case of an area whose cases are judged by their files. */
export function judgeArea({ area, least, byHand, produce }: GoldenArea): void {
  const root = join(goldenRoot, area);
  const actual = join(goldenRoot, '.actual', area);
  const cases = foldersIn(root);

  before(() => {
    rmSync(actual, { recursive: true, force: true });
    assert.ok(cases.length >= least, `there are ${cases.length} cases in ${root}`);
  });

  for (const name of cases) {
    it(name, async () => {
      const folder = join(root, name);
      const { files, faults = [] } = await produce(folder);
      keepActual(join(actual, name), files);
      const found = [...faults, ...judgeText(folder, files, byHand)];
      if (found.length > 0) assert.fail(found.join('\n\n'));
    });
  }
}
