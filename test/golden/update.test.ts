import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCase } from '../support/golden-case.ts';
import { produce } from '../support/golden-output.ts';
import { goldenRoot, repositoryRoot } from '../support/golden-paths.ts';
import { judgeFlows, judgeText, WRITTEN_BY_HAND } from './run.ts';
import { updateGolden } from './update.ts';

const CASE = 'cluster-ip/one-endpoint';

describe('golden:update and its guards', () => {
  let root = '';
  let folder = '';
  const path = (name: string): string => join(folder, name);
  const text = (name: string): string => readFileSync(path(name), 'utf8');
  const judged = (): readonly string[] => {
    const golden = readCase(join(root, 'compile'), CASE);
    const output = produce(golden);
    return [...judgeText(folder, output.files, WRITTEN_BY_HAND), ...judgeFlows(golden, output)];
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'chainsmith-golden-'));
    folder = join(root, 'compile', CASE);
    mkdirSync(folder, { recursive: true });
    cpSync(join(goldenRoot, 'compile', CASE), folder, { recursive: true });
    cpSync(join(goldenRoot, 'compile', 'defaults.yaml'), join(root, 'compile', 'defaults.yaml'));
    cpSync(join(goldenRoot, 'README.md'), join(root, 'README.md'));
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('has nothing to do where all is as expected', async () => {
    assert.deepEqual(judged(), []);
    assert.deepEqual(await updateGolden(root), { written: [], refused: [] });
  });

  it('writes what is missing or changed, and removes what nothing produces', async () => {
    const expected = text('iptables.rules');
    rmSync(path('diagnostics.txt'));
    writeFileSync(path('iptables.rules'), expected.replace('10.244.1.5:8080', '10.244.1.6:8080'));
    writeFileSync(path('case.yaml'), 'family: ipv4\n');
    assert.equal(judged().length, 3);
    const { written, refused } = await updateGolden(root);
    assert.deepEqual(refused, []);
    assert.deepEqual(written, ['iptables.rules', 'ip6tables.rules', 'diagnostics.txt'].map((f) => `compile/${CASE}/${f}`));
    assert.equal(text('iptables.rules'), expected);
    assert.equal(existsSync(path('ip6tables.rules')), false);
    assert.deepEqual(judged(), []);
  });

  it('shows a difference as a unified diff', () => {
    writeFileSync(path('iptables.rules'), text('iptables.rules').replace('--to-destination 10.244.1.5', '--to-destination 10.244.1.6'));
    const [fault = ''] = judged();
    assert.match(fault, /^-.*--to-destination 10\.244\.1\.6:8080$/mu);
    assert.match(fault, /^\+.*--to-destination 10\.244\.1\.5:8080$/mu);
  });

  it('fails for a stray file, and leaves it alone', async () => {
    writeFileSync(path('notes.txt'), 'mine');
    assert.deepEqual(judged(), ['notes.txt is there, and nothing produces it']);
    await updateGolden(root);
    assert.equal(text('notes.txt'), 'mine');
  });

  it('never writes flows.yaml, and blesses no case that breaks it', async () => {
    const flows = text('flows.yaml').replace('10.244.1.5:8080', '10.244.1.6:8080');
    const rules = text('iptables.rules').replaceAll('shop/web', 'shop/old');
    writeFileSync(path('flows.yaml'), flows);
    writeFileSync(path('iptables.rules'), rules);
    const { written, refused } = await updateGolden(root);
    assert.deepEqual(written, []);
    assert.match(refused.join('\n'), /expected 10\.244\.1\.6:8080[\s\S]*found\s+10\.244\.1\.5:8080/u);
    assert.equal(text('flows.yaml'), flows);
    assert.equal(text('iptables.rules'), rules);
  });

  it('never touches golden/reference', async () => {
    const reference = join(root, 'reference', 'some-case');
    mkdirSync(reference, { recursive: true });
    for (const file of ['iptables.save', 'iptables.rules', 'diagnostics.txt', 'input.yaml']) {
      writeFileSync(join(reference, file), 'recorded\n');
    }
    await updateGolden(root);
    for (const file of ['iptables.save', 'iptables.rules', 'diagnostics.txt', 'input.yaml']) {
      assert.equal(readFileSync(join(reference, file), 'utf8'), 'recorded\n');
    }
  });

  it('refuses an option it does not know', () => {
    writeFileSync(path('case.yaml'), 'nodeIp: 1.2.3.4\n');
    assert.throws(() => readCase(join(root, 'compile'), CASE), /unknown option nodeIp/u);
  });

  describe('scripts/check-golden', () => {
    const check = (): string => {
      try {
        const script = join(repositoryRoot, 'scripts', 'check-golden.mjs');
        execFileSync(process.execPath, [script, root], { encoding: 'utf8', stdio: 'pipe' });
        return '';
      } catch (error) {
        if (error instanceof Error && 'stderr' in error) return String(error.stderr);
        throw error;
      }
    };

    it('passes a complete folder', () => assert.equal(check(), ''));

    const faults: Readonly<Record<string, readonly [() => void, RegExp]>> = {
      'a missing file': [() => rmSync(path('diagnostics.txt')), /diagnostics\.txt is missing/u],
      'a stray file': [() => writeFileSync(path('input.yaml.orig'), ''), /input\.yaml\.orig: a stray file/u],
      'a stray file of an area': [() => writeFileSync(join(folder, '..', 'x.yaml'), ''), /x\.yaml: a stray file/u],
      'an input without a comment': [() => writeFileSync(path('input.yaml'), 'kind: List\n'), /must begin with a comment/u],
      'a name in another style': [() => cpSync(folder, join(folder, '..', 'One_Endpoint'), { recursive: true }), /kebab-case/u],
      'an incomplete reference case': [() => mkdirSync(join(root, 'reference', 'x'), { recursive: true }), /snapshot\.json is missing/u],
      'no README': [() => rmSync(join(root, 'README.md')), /README\.md: is missing/u],
    };
    for (const [what, [damage, message]] of Object.entries(faults)) {
      it(`finds ${what}`, () => {
        damage();
        assert.match(check(), message);
      });
    }
  });
});
