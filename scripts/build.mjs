// `npm run build`: templates -> types and library (dist/src) -> template check -> the bundled command (dist/bin).
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const run = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });

rmSync(join(root, 'dist'), { recursive: true, force: true });
run('scripts/gen.mjs');
run('node_modules/typescript/bin/tsc', '-p', '.');
run('scripts/check-templates.mjs');

// One small file that answers --version at once, and chunks that commands load when they run. Dependencies are bundled, which
// more than halves the time to load them.
await build({
  absWorkingDir: root,
  entryPoints: { chainsmith: 'src/cli/main.ts' },
  outdir: 'dist/bin',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  alias: { 'whatwg-url': './scripts/whatwg-url.cjs' },
  define: { CHAINSMITH_VERSION: JSON.stringify(version) },
  chunkNames: 'chunks/[name]-[hash]',
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
chmodSync(join(root, 'dist', 'bin', 'chainsmith.js'), 0o755);
