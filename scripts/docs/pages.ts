import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the checkout. Scripts and tests run from dist/, which mirrors it. */
export const ROOT: string = fileURLToPath(new URL('../../../', import.meta.url));

export interface Page {
  /** Path from the top of the checkout. */
  readonly path: string;
  readonly text: string;
}

const SINGLE_PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'examples/README.md',
  'templates/README.md',
] as const;

/** Every document that this project shows to people. */
export function readPages(): readonly Page[] {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  const paths = [...SINGLE_PAGES, ...docs.sort().map((name) => `docs/${name}`)];
  return paths.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}
