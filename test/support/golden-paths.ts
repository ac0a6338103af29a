import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Tests run from dist/, so the folder of the checkout is found by its package.json. */
function findRoot(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : findRoot(dirname(from));
}

export const repositoryRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

/** `golden/` of the checkout. */
export const goldenRoot: string = join(repositoryRoot, 'golden');
