// House rule: package-lock.json holds an entry for each platform's package that another package names as optional. npm 11.6 and newer
// refuse `npm ci` otherwise, and npm leaves out what the registry at hand does not hold. With --fix what is missing is added, without
// its checksum, which only that registry knows. Takes the lock file as its argument; by default the one of this checkout.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const args = process.argv.slice(2);
const fix = args.includes('--fix');
const file =
  args.find((arg) => arg !== '--fix') ?? join(dirname(dirname(fileURLToPath(import.meta.url))), 'package-lock.json');
const text = readFileSync(file, 'utf8');
const lock = JSON.parse(text);

const SYSTEMS = 'aix android darwin freebsd linux netbsd openbsd openharmony sunos win32'.split(' ');
const CPUS = 'arm arm64 ia32 loong64 mips64el ppc64 riscv64 s390x x64'.split(' ');
const LIBCS = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };

/** As Node looks for it: beside the package that wants it, then further out. */
function isLocked(parent, name) {
  for (let folder = parent; ; folder = folder.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    if (lock.packages[folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

/** What npm would have written, by the name: @oxlint/binding-linux-arm64-musl. */
function entryOf(name, version, parent) {
  const words = name.replace(/^@[^/]*\//, '').split('-');
  const system = words.find((word) => SYSTEMS.includes(word));
  const cpu = words.find((word) => CPUS.includes(word));
  if (system === undefined || cpu === undefined) return undefined;
  const libc = system === 'linux' ? words.map((word) => LIBCS[word]).find((word) => word !== undefined) : undefined;
  return {
    version,
    cpu: [cpu],
    ...(parent.dev ? { dev: true } : {}),
    ...(libc === undefined ? {} : { libc: [libc] }),
    ...(parent.license === undefined ? {} : { license: parent.license }),
    optional: true,
    os: [system],
  };
}

const problems = [];
const added = {};
for (const [path, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (isLocked(path, name)) continue;
    const entry = /^\d+\.\d+\.\d+/.test(version) ? entryOf(name, version, parent) : undefined;
    if (fix && entry !== undefined) added[`node_modules/${name}`] = entry;
    else
      problems.push(
        `${name}, which ${path} names, has no entry${fix ? ', and its name does not say what it is for' : ''}`,
      );
  }
}
const count = Object.keys(added).length;
if (count > 0) {
  const [[, root], ...others] = Object.entries({ ...lock.packages, ...added });
  // npm sorts by this.
  const sorted = others.toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  const packages = Object.fromEntries([['', root], ...sorted]);
  writeFileSync(file, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
  console.log(`check-lock: added ${count} entries`);
}
for (const problem of problems) console.error(`check-lock: ${problem}`);
if (problems.length > 0) {
  if (!fix) console.error('check-lock: node scripts/check-lock.mjs --fix adds them');
  process.exit(1);
}
console.log('check-lock: every optional package has its entry');
