// House rule: imports point one way (ARCHITECTURE.md), the core reaches for no node: module but node:crypto in util/hash.ts, and
// the heavy libraries are imported in one place each.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const src = join(root, 'src');

/** Each layer and what it may import, besides itself. */
const CORE = ['core/util', 'core/diag', 'core/model', 'core/ruleset', 'core/services'];
const BELOW_SIBLINGS = [...CORE];
const MAY_IMPORT = {
  'core/util': [],
  'core/diag': ['core/util'],
  'core/model': ['core/util', 'core/diag'],
  'core/ruleset': ['core/util', 'core/diag', 'core/model'],
  'core/services': ['core/util', 'core/diag', 'core/model', 'core/ruleset'],
  'core/compile': [...BELOW_SIBLINGS, 'core/render'],
  'core/render': BELOW_SIBLINGS,
  'core/parse': BELOW_SIBLINGS,
  'core/plan': BELOW_SIBLINGS,
  'core/analyze': BELOW_SIBLINGS,
  index: 'core',
  host: 'core',
  cli: 'any',
};

/** Who alone may import a package. */
const ONLY_IN = {
  handlebars: /^core\/render\//,
  'handlebars/runtime.js': /^core\/render\//,
  execa: /^host\/exec\.ts$/,
  'js-yaml': /^host\/sources\//,
  commander: /^cli\//,
  '@bomb.sh/tab': /^cli\//,
  '@kubernetes/client-node': /^host\/sources\/cluster\/authenticate\.ts$/,
  '@hpcc-js/wasm-graphviz': /^cli\/output\/draw-graph\.ts$/,
  diff: /^cli\/output\//,
  koffi: /^host\/netlink\/koffi\/load-koffi\.ts$/,
};

function layerOf(file) {
  const parts = file.split('/');
  if (parts[0] === 'core') return `core/${parts[1]}`;
  return file === 'index.ts' ? 'index' : parts[0];
}

function allowed(from, to) {
  if (from === to) return true;
  const may = MAY_IMPORT[from];
  if (may === 'any') return true;
  if (may === 'core') return to.startsWith('core/');
  return Array.isArray(may) && may.includes(to);
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? files(join(folder, e.name)) : e.name.endsWith('.ts') ? [join(folder, e.name)] : [],
  );
}

const problems = [];
for (const path of files(src)) {
  const file = relative(src, path).split('\\').join('/');
  if (file.startsWith('core/render/generated/')) continue;
  const from = layerOf(file);
  if (!(from in MAY_IMPORT))
    problems.push(`${file}: the folder ${from} is in no layer; add it to scripts/check-layers.mjs`);
  const text = readFileSync(path, 'utf8');
  for (const [, declared, loaded] of text.matchAll(
    /(?:^import|\bfrom)\s+'([^']+)'|\b(?:import|require)\('([^']+)'\)/gm,
  )) {
    const specifier = declared ?? loaded;
    if (specifier.startsWith('.')) {
      const target = layerOf(posix.join(posix.dirname(file), specifier));
      if (!allowed(from, target)) problems.push(`${file}: ${from} may not import ${target} (${specifier})`);
    } else if (specifier.startsWith('node:')) {
      if (file.startsWith('core/') && !(specifier === 'node:crypto' && file === 'core/util/hash.ts')) {
        problems.push(`${file}: the core may not import ${specifier}`);
      }
    } else if (!(specifier in ONLY_IN)) {
      problems.push(
        `${file}: ${specifier} is not a known dependency; add it to scripts/check-layers.mjs and CONTRIBUTING.md`,
      );
    } else if (!ONLY_IN[specifier].test(file)) {
      problems.push(`${file}: ${specifier} may only be imported in ${ONLY_IN[specifier].source}`);
    }
  }
  if (/\bexport default\b/.test(text)) problems.push(`${file}: no default exports`);
  if (/\bexport \* from\b/.test(text)) problems.push(`${file}: no export *`);
}

for (const problem of problems) console.error(`check-layers: ${problem}`);
if (problems.length > 0) process.exit(1);
console.log('check-layers: imports point one way');
