// Part of the build: every built-in template uses only fields of its view, and there is a template for each view and none besides.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { compileTemplates } = await import('../dist/src/core/render/compile-template.js');
const { chainShapes } = await import('../dist/src/core/render/chain-shapes.js');

const folder = join(root, 'templates', 'iptables');
const files = new Map();
for (const table of readdirSync(folder, { withFileTypes: true }).filter((e) => e.isDirectory())) {
  for (const name of readdirSync(join(folder, table.name))) {
    const file = join('templates', 'iptables', table.name, name);
    files.set(`${table.name}/${name}`, { file, text: readFileSync(join(root, file), 'utf8') });
  }
}

const problems = compileTemplates(files).diagnostics.map(({ location, message, hint }) => {
  const { file, line, column } = location;
  return `${file}${line === undefined ? '' : `:${line}:${column}`}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
});
for (const name of Object.keys(chainShapes)) {
  if (!files.has(`${name}.hbs`)) problems.push(`templates/iptables/${name}.hbs is missing`);
}
for (const problem of problems) console.error(`check-templates: ${problem}`);
if (problems.length > 0) process.exit(1);
