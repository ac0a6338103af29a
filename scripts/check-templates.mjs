// Part of the build: every built-in template uses only fields of its view, and there is a template for each view and none besides. In those
// of the report all texts are escaped.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { compileTemplates } = await import('../dist/src/core/render/compile-template.js');
const { chainShapes } = await import('../dist/src/core/render/chain-shapes.js');
const { checkTemplate } = await import('../dist/src/core/render/check-template.js');
const { reportShapes } = await import('../dist/src/core/render/report-shapes.js');

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
const reports = readdirSync(join(root, 'templates', 'report')).filter((name) => name.endsWith('.hbs'));
for (const name of new Set([...reports, ...Object.keys(reportShapes).map((shape) => `${shape}.hbs`)])) {
  const file = join('templates', 'report', name);
  const shape = reportShapes[name.replace(/\.hbs$/, '')];
  if (shape === undefined || !reports.includes(name)) {
    problems.push(shape === undefined ? `${file} has no shape` : `${file} is missing`);
    continue;
  }
  const program = Handlebars.parse(readFileSync(join(root, file), 'utf8'));
  for (const { line, column, message } of checkTemplate(program, shape, 'html')) {
    problems.push(`${file}:${line}:${column}: ${message}`);
  }
}
for (const problem of problems) console.error(`check-templates: ${problem}`);
if (problems.length > 0) process.exit(1);
