// Part of the build: every built-in template uses only fields of its view, and there is a template for each view and none besides.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { templateFaults } = await import('../dist/src/core/render/compile-template.js');
const { chainShapes } = await import('../dist/src/core/render/chain-shapes.js');
const { objectShapes } = await import('../dist/src/core/render/object-shapes.js');

const shapes = { ...chainShapes, ...objectShapes };
const templates = join(root, 'templates');
const files = new Map();
for (const entry of readdirSync(templates, { withFileTypes: true, recursive: true })) {
  if (!entry.isFile() || entry.name === 'README.md') continue;
  const path = join(entry.parentPath, entry.name);
  const name = relative(templates, path).split(sep).join('/');
  files.set(name.replace(/^iptables\//, ''), { file: `templates/${name}`, text: readFileSync(path, 'utf8') });
}

const problems = [];
for (const [key, template] of files) {
  const shape = shapes[key.replace(/\.hbs$/, '')];
  if (shape === undefined) {
    problems.push(`${template.file}: there is no view for it`);
    continue;
  }
  for (const { location, message, hint } of templateFaults(template, shape)) {
    const { file, line, column } = location;
    problems.push(
      `${file}${line === undefined ? '' : `:${line}:${column}`}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
    );
  }
}
for (const name of Object.keys(shapes)) {
  if (!files.has(`${name}.hbs`)) problems.push(`the template ${name}.hbs is missing`);
}
for (const problem of problems) console.error(`check-templates: ${problem}`);
if (problems.length > 0) process.exit(1);
