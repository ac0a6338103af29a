// House rule: every golden case is complete, has no stray files, and says in its first line what it shows. Takes the golden folder
// as its argument; by default the one of this checkout.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const golden = process.argv[2] ?? join(dirname(dirname(fileURLToPath(import.meta.url))), 'golden');
const problems = [];

const COMPILE_FILES = {
  required: ['input.yaml', 'diagnostics.txt'],
  optional: ['case.yaml', 'config.yaml', 'flows.yaml', 'iptables.rules', 'ip6tables.rules'],
};
const IPVS_FILES = {
  required: ['input.yaml', 'diagnostics.txt'],
  optional: [
    'case.yaml',
    'config.yaml',
    'ipvs.rules',
    'ipset.rules',
    'addresses.txt',
    'iptables.rules',
    'ip6tables.rules',
  ],
};
const DIAGNOSTIC_FILES = {
  required: ['README.md', 'diagnostics.txt'],
  optional: ['input', 'templates', 'config.yaml'],
};
const REFERENCE_FILES = {
  required: ['snapshot.json', 'iptables.save', 'ip6tables.save', 'nftables.ruleset'],
  optional: ['config.yaml', 'ipvs'],
};
const PLAN_FILES = {
  required: ['README.md', 'input.yaml', 'plan.txt', 'plan.json', 'restore.txt', 'diagnostics.txt'],
  optional: ['case.yaml', 'current.v4.rules', 'current.v6.rules'],
};
const PLAN_FILE_FILES = { required: ['README.md', 'plan-file.json', 'diagnostics.txt'], optional: [] };
const VERIFY_FILES = {
  required: ['README.md', 'command.txt', 'output.txt', 'messages.txt'],
  optional: [
    'output.json',
    'input.yaml',
    'rules.txt',
    'dump.txt',
    'before.txt',
    'after.txt',
    'before.yaml',
    'after.yaml',
    'servers.txt',
    'sets.txt',
  ],
};
const CONNTRACK_FILES = {
  required: ['README.md', 'command.txt', 'input.yaml', 'conntrack.txt', 'output.txt', 'messages.txt'],
  optional: ['output.json'],
};
const TRACE_FILES = {
  required: ['README.md', 'command.txt', 'rules.txt', 'trace.txt', 'trace.json', 'diagnostics.txt'],
  optional: ['rules6.txt', 'sets.txt', 'servers.txt', 'cluster.yaml'],
};
const PARSE_FILES = {
  required: ['README.md', 'input.rules', 'rules.json', 'diagnostics.txt'],
  optional: ['printed.rules'],
};
const PARSE_IPVS_FILES = {
  required: ['README.md', 'parsed.json', 'diagnostics.txt'],
  optional: ['input.ipvsadm', 'input.ipset', 'printed.txt'],
};
const TEST_COMMAND_FILES = {
  required: ['README.md', 'tests', 'diagnostics.txt'],
  optional: ['deploy', 'report.txt', 'report.xml', 'report.tap'],
};
const DECODE_FILES = {
  required: ['README.md', 'input.rules', 'decoded.txt', 'wide.txt', 'decoded.json', 'diagnostics.txt'],
  optional: ['sets.txt', 'servers.txt'],
};
const LINT_FILES = {
  required: ['README.md', 'findings.txt'],
  optional: ['input.yaml', 'conntrack.txt', 'sets.txt', 'servers.txt', 'diagnostics.txt'],
};
/** Anything else would be a machine's: no case is that large. */
const MOST_BYTES = 400_000;

function names(folder) {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function folders(folder, allowedFiles) {
  return names(folder).filter((name) => {
    const isFolder = statSync(join(folder, name)).isDirectory();
    if (!isFolder && !allowedFiles.includes(name)) problems.push(`${folder}/${name}: a stray file`);
    return isFolder;
  });
}

function checkCase(folder, files) {
  const present = names(folder);
  for (const name of files.required) if (!present.includes(name)) problems.push(`${folder}: ${name} is missing`);
  for (const name of present) {
    if (![...files.required, ...files.optional].includes(name)) problems.push(`${folder}/${name}: a stray file`);
  }
}

function checkText(path, firstLine, what) {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (!firstLine.test(text)) problems.push(`${path}: ${what}`);
}

for (const name of folders(golden, ['README.md'])) {
  if (
    ![
      'compile',
      'compile-ipvs',
      'conntrack',
      'decode',
      'diagnostics',
      'lint',
      'parse',
      'parse-ipvs',
      'plan',
      'reference',
      'test-command',
      'trace',
      'verify',
      '.actual',
    ].includes(name)
  )
    problems.push(`${golden}/${name}: a stray folder`);
}
checkText(join(golden, 'README.md'), /^# /, 'is missing');

const compile = join(golden, 'compile');
let cases = 0;
for (const area of folders(compile, ['defaults.yaml'])) {
  for (const name of folders(join(compile, area), [])) {
    const folder = join(compile, area, name);
    cases += 1;
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) problems.push(`${folder}: names of cases are kebab-case`);
    checkCase(folder, COMPILE_FILES);
    checkText(join(folder, 'input.yaml'), /^# \S.{10,}/, 'must begin with a comment that says what the case shows');
    for (const file of names(folder)) {
      if (statSync(join(folder, file)).size > MOST_BYTES) problems.push(`${folder}/${file}: too large`);
    }
  }
}

for (const name of folders(join(golden, 'compile-ipvs'), ['defaults.yaml'])) {
  const folder = join(golden, 'compile-ipvs', name);
  cases += 1;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) problems.push(`${folder}: names of cases are kebab-case`);
  checkCase(folder, IPVS_FILES);
  checkText(join(folder, 'input.yaml'), /^# \S.{10,}/, 'must begin with a comment that says what the case shows');
}

for (const name of folders(join(golden, 'diagnostics'), [])) {
  const folder = join(golden, 'diagnostics', name);
  cases += 1;
  checkCase(folder, DIAGNOSTIC_FILES);
  checkText(join(folder, 'README.md'), /^\S.{10,}/, 'must say what the case shows');
}

for (const name of folders(join(golden, 'plan'), ['defaults.yaml'])) {
  const folder = join(golden, 'plan', name);
  cases += 1;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) problems.push(`${folder}: names of cases are kebab-case`);
  checkCase(folder, names(folder).includes('plan-file.json') ? PLAN_FILE_FILES : PLAN_FILES);
  checkText(join(folder, 'README.md'), /^\S.{10,}/, 'must say what the case shows');
}

for (const name of folders(join(golden, 'test-command'), [])) {
  const folder = join(golden, 'test-command', name);
  cases += 1;
  checkCase(folder, TEST_COMMAND_FILES);
  checkText(join(folder, 'README.md'), /^\S.{10,}/, 'must say what the case shows');
}

for (const name of folders(join(golden, 'parse'), [])) {
  const folder = join(golden, 'parse', name);
  cases += 1;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) problems.push(`${folder}: names of cases are kebab-case`);
  checkCase(folder, PARSE_FILES);
  checkText(join(folder, 'README.md'), /^\S.{10,}/, 'must say what the case shows');
}

for (const name of folders(join(golden, 'decode'), [])) {
  const folder = join(golden, 'decode', name);
  cases += 1;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) problems.push(`${folder}: names of cases are kebab-case`);
  checkCase(folder, DECODE_FILES);
  checkText(join(folder, 'README.md'), /^\S.{10,}/, 'must say what the case shows');
}

for (const code of folders(join(golden, 'lint'), ['default-options.yaml'])) {
  for (const name of folders(join(golden, 'lint', code), [])) {
    const folder = join(golden, 'lint', code, name);
    cases += 1;
    const dumps = names(folder).filter((file) => file.endsWith('.rules'));
    if (dumps.length === 0) problems.push(`${folder}: a dump is missing`);
    checkCase(folder, { ...LINT_FILES, optional: [...LINT_FILES.optional, ...dumps] });
    checkText(join(folder, 'README.md'), /^\S.{10,}/, 'must say what the case shows');
    for (const file of names(folder)) {
      if (statSync(join(folder, file)).size > MOST_BYTES) problems.push(`${folder}/${file}: too large`);
    }
  }
}

for (const name of folders(join(golden, 'verify'), [])) {
  const folder = join(golden, 'verify', name);
  cases += 1;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) problems.push(`${folder}: names of cases are kebab-case`);
  checkCase(folder, VERIFY_FILES);
  checkText(join(folder, 'README.md'), /^\S.{10,}/, 'must say what the case shows');
  checkText(
    join(folder, 'command.txt'),
    /^chainsmith (?:verify|diff) /,
    'must be a command: chainsmith verify rules.txt ...',
  );
}

for (const name of folders(join(golden, 'conntrack'), [])) {
  const folder = join(golden, 'conntrack', name);
  cases += 1;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) problems.push(`${folder}: names of cases are kebab-case`);
  checkCase(folder, CONNTRACK_FILES);
  checkText(join(folder, 'README.md'), /^\S.{10,}/, 'must say what the case shows');
  checkText(
    join(folder, 'command.txt'),
    /^chainsmith conntrack --conntrack conntrack.txt -f input.yaml /,
    'must be a command: chainsmith conntrack --conntrack conntrack.txt -f input.yaml ...',
  );
}

for (const name of folders(join(golden, 'parse-ipvs'), [])) {
  const folder = join(golden, 'parse-ipvs', name);
  cases += 1;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) problems.push(`${folder}: names of cases are kebab-case`);
  checkCase(folder, PARSE_IPVS_FILES);
  if (names(folder).filter((file) => file.startsWith('input.')).length !== 1) problems.push(`${folder}: one input`);
  checkText(join(folder, 'README.md'), /^\S.{10,}/, 'must say what the case shows');
}

for (const name of folders(join(golden, 'trace'), [])) {
  const folder = join(golden, 'trace', name);
  cases += 1;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) problems.push(`${folder}: names of cases are kebab-case`);
  checkCase(folder, TRACE_FILES);
  checkText(join(folder, 'README.md'), /^\S.{10,}/, 'must say what the case shows');
  checkText(
    join(folder, 'command.txt'),
    /^chainsmith trace rules/,
    'must be a command: chainsmith trace rules.txt ...',
  );
}

for (const name of folders(join(golden, 'reference'), ['README.md', 'default-config.yaml'])) {
  const folder = join(golden, 'reference', name);
  checkCase(folder, REFERENCE_FILES);
  if (name.includes('@') !== existsSync(join(folder, 'config.yaml'))) {
    problems.push(`${folder}: NAME@VARIANT has a config.yaml, and no other case has`);
  }
}

if (cases === 0) problems.push(`${golden}: there are no cases`);
for (const problem of problems) console.error(`check-golden: ${problem}`);
if (problems.length > 0) process.exit(1);
console.log(`check-golden: ${cases} cases are complete`);
