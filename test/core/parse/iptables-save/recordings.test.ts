// What iptables-save 1.8.9 printed, kube-proxy having made the rules: the canonical text must be the same to the letter.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { printCanonicalDump, printDump } from '../../../../src/core/ruleset/print-dump.ts';
import { goldenRoot } from '../../../support/golden-paths.ts';

const FOLDER = join(goldenRoot, 'reference');
const FILES = { 'iptables.save': 'ipv4', 'ip6tables.save': 'ipv6' } as const;

describe('the recordings of kube-proxy', () => {
  const cases = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());

  it('are there', () => assert.ok(cases.length > 0));

  for (const { name } of cases) {
    it(`${name} is printed as iptables-save printed it`, () => {
      for (const [file, family] of Object.entries(FILES)) {
        const path = join(FOLDER, name, file);
        assert.ok(existsSync(path), `${path} is missing`);
        const text = readFileSync(path, 'utf8');
        const { ruleset, diagnostics } = parseIptablesSave(text);
        assert.deepEqual(diagnostics, []);
        assert.equal(ruleset.family, family);
        assert.equal(printDump(ruleset), text);
        // 1.8.9 alone prints two blanks there.
        assert.equal(printCanonicalDump(ruleset), text.replaceAll('--nfacct-name  ', '--nfacct-name '));
      }
    });
  }
});
