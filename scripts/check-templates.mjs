// Part of the build: every built-in template uses only fields of its view, and there is a template for each view and none besides. In those
// of the report all texts are escaped.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { parseTemplate } = await import('../dist/src/core/render/parse-template.js');
const { chainShapes } = await import('../dist/src/core/render/chain-shapes.js');
const { objectShapes } = await import('../dist/src/core/render/object-shapes.js');
const { checkTemplate } = await import('../dist/src/core/render/check-template.js');
const { reportShapes } = await import('../dist/src/core/render/report-shapes.js');

const shapes = { ...chainShapes, ...objectShapes };
const templates = join(root, 'templates');
const files = new Map();
for (const folder of ['iptables', 'iptables-ipvs', 'ipvs', 'ipset']) {
  for (const entry of readdirSync(join(templates, folder), { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(templates, path).split(sep).join('/');
    files.set(name.replace(/^iptables\//, ''), { file: `templates/${name}`, text: readFileSync(path, 'utf8') });
  }
}

const problems = [];
for (const [key, template] of files) {
  const shape = shapes[key.replace(/\.hbs$/, '')];
  if (shape === undefined) {
    problems.push(`${template.file}: there is no view for it`);
    continue;
  }
  for (const { location, message, hint } of parseTemplate(template, shape).diagnostics) {
    const { file, line, column } = location;
    problems.push(
      `${file}${line === undefined ? '' : `:${line}:${column}`}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
    );
  }
}
for (const name of Object.keys(shapes)) {
  if (!files.has(`${name}.hbs`)) problems.push(`the template ${name}.hbs is missing`);
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
