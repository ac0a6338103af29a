// `npm run docs:update`: writes what is generated or recorded in the documents anew. test/docs checks that it is current.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refreshConsoleBlocks } from './docs/console-blocks.ts';
import { refreshGeneratedParts } from './docs/generated-parts.ts';
import { readPages, ROOT } from './docs/pages.ts';

let changed = 0;
for (const { path, text } of readPages()) {
  const fresh = refreshConsoleBlocks(refreshGeneratedParts(text));
  if (fresh === text) continue;
  writeFileSync(join(ROOT, path), fresh);
  console.log(`updated ${path}`);
  changed += 1;
}
if (changed === 0) console.log('all documents are current');
