// The built-in templates are functions made by the build (scripts/template-code.mjs): they must say what Handlebars makes of the same files.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileMeaning } from '../../../src/core/compile/compile.ts';
import { readMeaning } from '../../../src/core/compile/read-meaning.ts';
import { compileTemplates } from '../../../src/core/render/compile-template.ts';
import type { TemplateFile } from '../../../src/core/render/template-set.ts';
import { clusterJson, NODE } from '../../../scripts/benchmark/cluster.ts';
import { recordedConfig, recordedSnapshot, referenceCases } from '../../support/recordings.ts';

const TEMPLATES = 'templates';

function filesIn(folder: string, prefix: string): readonly (readonly [string, TemplateFile])[] {
  return readdirSync(join(TEMPLATES, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.hbs'))
    .map((path) => {
      const file = join(TEMPLATES, folder, path);
      return [`${prefix}${path}`, { file, text: readFileSync(file, 'utf8') }] as const;
    });
}

describe('built-in templates', () => {
  const files = new Map([...filesIn('iptables', ''), ...filesIn('iptables-ipvs', 'iptables-ipvs/')]);
  const { templates, diagnostics } = compileTemplates(files);

  it('are all read by Handlebars', () => {
    assert.deepEqual(diagnostics, []);
    assert.equal(templates.templates.size, files.size);
    assert.ok(files.size > 30, `${files.size} templates`);
  });

  for (const name of referenceCases) {
    it(`say what Handlebars says: ${name}`, () => {
      const meaning = readMeaning([recordedSnapshot(name)], {
        node: 'node-a',
        config: recordedConfig(name),
        nfacct: true,
      });
      const { rules } = compileMeaning(meaning, undefined);
      assert.ok(rules.length > 0);
      assert.deepEqual(compileMeaning(meaning, templates).rules, rules);
    });
  }

  it('say it of more than 1000 endpoints', () => {
    const meaning = readMeaning([JSON.parse(clusterJson(600, 2))], { node: NODE });
    assert.deepEqual(compileMeaning(meaning, templates).rules, compileMeaning(meaning, undefined).rules);
  });
});
