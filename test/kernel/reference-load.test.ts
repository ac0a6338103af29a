// What chainsmith compiles for each recorded case is loaded into the kernel, by both kinds of iptables, and read back: it must be
// what kube-proxy programmed, and it must be what chainsmith printed, to the letter.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { compile } from '../../src/core/compile/compile.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { hostRunner, type CommandRunner } from '../../src/host/exec.ts';
import type { Family } from '../../scripts/lab/addresses.ts';
import { restoreRules, saveRules, type Variant } from '../../scripts/lab/iptables.ts';
import { Lab, removeAbandonedLabs } from '../../scripts/lab/lab.ts';
import { compareTables, parseSaveText, UNORDERED_CHAINS } from '../support/iptables-save-text.ts';
import { requireKernel } from './support/requirements.ts';

const PREFIX = 'chainsmith-reference';
const FOLDER =
  process.env['CHAINSMITH_REFERENCE'] ?? fileURLToPath(new URL('../../../golden/reference', import.meta.url));
const RECORDED: Readonly<Record<Family, string>> = { ipv4: 'iptables.save', ipv6: 'ip6tables.save' };
/** A rule that counts with an nfacct object loads only where the object exists; kube-proxy makes these two. */
const NFACCT_OBJECTS = ['ct_state_invalid_dropped_pkts', 'localhost_nps_accepted_pkts'];

interface Case {
  readonly name: string;
  readonly documents: readonly unknown[];
  readonly config: unknown;
}

function readCases(): Case[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const own = join(FOLDER, name, 'config.yaml');
      const config = existsSync(own) ? own : join(FOLDER, 'default-config.yaml');
      const snapshot: unknown = JSON.parse(readFileSync(join(FOLDER, name, 'snapshot.json'), 'utf8'));
      return { name, documents: [snapshot], config: load(readFileSync(config, 'utf8')) };
    });
}

async function checkLoaded(runner: CommandRunner, variant: Variant, one: Case): Promise<void> {
  const { rules } = compile(one.documents, { node: 'node-a', config: one.config, nfacct: true });
  for (const compiled of rules) {
    const { family } = compiled;
    const printed = printRules(compiled);
    await restoreRules(runner, family, variant, printed);
    const readBack = parseSaveText(await saveRules(runner, family, variant));
    const recorded = parseSaveText(readFileSync(join(FOLDER, one.name, RECORDED[family]), 'utf8'));
    const fromRecording = compareTables(recorded, readBack, { unordered: UNORDERED_CHAINS });
    assert.deepEqual(fromRecording, [], `${family}: the kernel's rules are not kube-proxy's`);
    const fromPrinted = compareTables(parseSaveText(printed), readBack);
    assert.deepEqual(fromPrinted, [], `${family}: the kernel prints other rules than chainsmith`);
  }
  assert.deepEqual(rules.map((compiled) => compiled.family).sort(), ['ipv4', 'ipv6']);
}

describe('the recorded cases, loaded into the kernel', () => {
  const cases = readCases();

  before(async function () {
    requireKernel(this);
    await removeAbandonedLabs(hostRunner, PREFIX);
  });

  it('are there', () => {
    assert.ok(cases.length > 0, `no cases in ${FOLDER}`);
  });

  for (const variant of ['nft', 'legacy'] as const) {
    describe(`by iptables-${variant}`, () => {
      const lab = new Lab(hostRunner, PREFIX);

      before(async () => {
        await lab.addHost(variant);
        for (const name of NFACCT_OBJECTS) await lab.on(variant).run('nfacct', ['add', name]);
      });
      after(async () => {
        await lab.remove();
      });

      for (const one of cases) {
        it(one.name, async () => {
          await checkLoaded(lab.on(variant), variant, one);
        });
      }
    });
  }
});
