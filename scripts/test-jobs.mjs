// Runs the tests of levels (`node scripts/test-jobs.mjs unit kernel ...`) as jobs of one mocha each, some side by side; for scripts/test, which
// says in CHAINSMITH_TEST_COUNTS and CHAINSMITH_TEST_FAILURES where the results go. What a job prints comes in one piece when it has ended.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

const BUILT = 'dist/test';
/** The folder of each level; unit is every other folder. */
const FOLDERS = {
  golden: 'golden',
  property: 'properties',
  reference: 'reference',
  browser: 'browser',
  kernel: 'kernel',
  uml: 'uml',
};
/** Levels with long files: a job for each. The others have a job for each folder, as each job takes 0.3 s to start. */
const BY_FILE = new Set(['kernel', 'property']);
/** The longest ones, begun first, so that none of them is left alone at the end. It costs only time when this list is out of date. */
const LONG = [
  'kernel/ipvs-fault-injection',
  'kernel/fault-injection',
  'kernel/apply-pairs',
  'kernel/concurrency',
  'kernel/killed-apply',
  'kernel/ipvs-netlink-faults',
  'kernel/ipvs-faults',
  'kernel/trace-agreement',
  'kernel/fault-putback',
  'properties/verify-mutations',
  'properties/ipvs-verify-mutations',
];
/**
 * What measures time, or has a clock of its own in a guest: begun when all else has ended, and at most two of them at once, as each keeps no more
 * than one processor busy.
 */
const QUIET = new Set([
  'uml',
  'kernel/no-endpoints',
  'kernel/session-affinity',
  'properties/parse-linear',
  'properties/decode-bounded',
  'properties/hostile-input',
]);

const room = mkdtempSync(join(tmpdir(), 'chainsmith-test-'));
/** Names of jobs by process. */
const running = new Map();

/** Files by name without ending, from the folder of built tests on: `kernel/demo`. */
function filesIn(folder) {
  const path = join(BUILT, folder);
  const names = existsSync(path) ? readdirSync(path, { recursive: true }) : [];
  const tests = names.map((name) => name.replaceAll('\\', '/')).filter((name) => name.endsWith('.test.js'));
  return tests.map((name) => `${folder}/${name.slice(0, -'.test.js'.length)}`).sort();
}

function unitFolders() {
  const others = new Set(Object.values(FOLDERS));
  const entries = existsSync(BUILT) ? readdirSync(BUILT, { withFileTypes: true }) : [];
  return entries.filter((entry) => entry.isDirectory() && !others.has(entry.name)).map(({ name }) => name);
}

function jobsOf(level) {
  const folders = level === 'unit' ? unitFolders() : [FOLDERS[level]];
  const groups = folders
    .sort()
    .map((folder) => ({ level, name: folder, files: filesIn(folder) }))
    .filter(({ files }) => files.length > 0);
  if (!BY_FILE.has(level)) return groups;
  return groups.flatMap(({ files }) => files.map((name) => ({ level, name, files: [name] })));
}

function rankOf({ name }) {
  const at = LONG.indexOf(name);
  return at < 0 ? LONG.length : at;
}

function note(variable, text) {
  const file = process.env[variable];
  if (file) appendFileSync(file, text);
}

/** What only a job as a whole can do wrong: one that ended early has counted nothing, or not what went wrong. */
function faultOf({ status, signal, counts }) {
  if (signal !== null) return `it was ended by ${signal}`;
  const [, failed] = counts.split(' ').map(Number);
  if (counts === '') return `it ended with status ${status} before it had counted its tests`;
  return status !== 0 && failed === 0 ? `it ended with status ${status}, though no test failed` : undefined;
}

function commandOf({ level, files }) {
  if (level === 'uml') return ['bash', ['scripts/uml']];
  return [process.execPath, ['node_modules/mocha/bin/mocha.js', ...files.map((name) => `${BUILT}/${name}.test.js`)]];
}

/** @param isOnly its output is shown as it comes */
async function run(job, isOnly) {
  const [command, args] = commandOf(job);
  const file = join(room, `counts-${job.name.replaceAll('/', '-')}`);
  const start = performance.now();
  if (isOnly) console.log(`\n== ${job.level}`);
  const child = spawn(command, args, {
    env: { ...process.env, CHAINSMITH_TEST_COUNTS: file },
    stdio: ['ignore', isOnly ? 'inherit' : 'pipe', isOnly ? 'inherit' : 'pipe'],
  });
  running.set(child, job.name);
  const pieces = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece) => pieces.push(piece));
  const [status, signal] = await new Promise((resolve) => {
    child.on('error', () => resolve([127, null])).on('close', (...ended) => resolve(ended));
  });
  running.delete(child);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  if (!isOnly) console.log(`\n== ${job.level}: ${job.name}, ${seconds} s`);
  process.stdout.write(Buffer.concat(pieces));
  const counts = existsSync(file) ? readFileSync(file, 'utf8') : '';
  note('CHAINSMITH_TEST_COUNTS', counts);
  const fault = faultOf({ status, signal, counts });
  if (fault === undefined) return;
  const text = `${job.level}, ${job.name}: ${fault}`;
  console.error(text);
  note('CHAINSMITH_TEST_FAILURES', `${text}\n`);
  note('CHAINSMITH_TEST_COUNTS', '0 1 0\n');
}

async function runAll(jobs, lanes, isOnly) {
  const left = [...jobs];
  const lane = async () => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await run(job, isOnly);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    const text = `${signal} came while these ran: ${[...running.values()].join(', ')}`;
    console.error(text);
    note('CHAINSMITH_TEST_FAILURES', `${text}\n`);
    for (const child of running.keys()) child.kill('SIGTERM');
    process.exit(1);
  });
}
process.on('exit', () => rmSync(room, { recursive: true, force: true }));

const levels = process.argv.slice(2);
const jobs = levels.flatMap((level) => {
  const found = jobsOf(level);
  if (found.length > 0) return found;
  const text = `${level}: there are no tests in ${BUILT}`;
  note('CHAINSMITH_TEST_FAILURES', `${text}\n`);
  note('CHAINSMITH_TEST_COUNTS', '0 1 0\n');
  console.error(text);
  return [];
});
const isQuiet = (job) => QUIET.has(job.name);
const order = (list) => list.toSorted((a, b) => rankOf(a) - rankOf(b));
const lanes = Math.min(availableParallelism(), 4);
await runAll(order(jobs.filter((job) => !isQuiet(job))), lanes, jobs.length === 1);
await runAll(jobs.filter(isQuiet), Math.min(lanes, 2), jobs.length === 1);
