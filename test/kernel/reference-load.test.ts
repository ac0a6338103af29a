// What chainsmith compiles for each recorded case is loaded into the kernel, by both kinds of iptables, and read back: it must be
// what kube-proxy programmed, and it must be what chainsmith printed, to the letter.
import assert from 'node:assert/strict';
import { compile } from '../../src/core/compile/compile.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { hostRunner, type CommandRunner } from '../../src/host/exec.ts';
import type { Family } from '../../scripts/lab/addresses.ts';
import { restoreRules, saveRules, type Variant } from '../../scripts/lab/iptables.ts';
import { Lab, removeAbandonedLabs } from '../../scripts/lab/lab.ts';
import { compareTables, parseSaveText, UNORDERED_CHAINS } from '../support/iptables-save-text.ts';
import { requireKernel } from './support/requirements.ts';
import { recordedConfig, recordedSnapshot, recordedText, REFERENCE, referenceCases } from '../support/recordings.ts';

const PREFIX = 'chainsmith-reference';
const RECORDED: Readonly<Record<Family, string>> = { ipv4: 'iptables.save', ipv6: 'ip6tables.save' };
/** A rule that counts with an nfacct object loads only where the object exists; kube-proxy makes these two. */
const NFACCT_OBJECTS = ['ct_state_invalid_dropped_pkts', 'localhost_nps_accepted_pkts'];

interface Case {
  readonly name: string;
  readonly documents: readonly unknown[];
  readonly config: unknown;
}

function readCases(): Case[] {
  return referenceCases.map((name) => ({ name, documents: [recordedSnapshot(name)], config: recordedConfig(name) }));
}

async function checkLoaded(runner: CommandRunner, variant: Variant, one: Case): Promise<void> {
  const { rules } = compile(one.documents, { node: 'node-a', config: one.config, nfacct: true });
  for (const compiled of rules) {
    const { family } = compiled;
    const printed = printRules(compiled);
    await restoreRules(runner, family, variant, printed);
    const readBack = parseSaveText(await saveRules(runner, family, variant));
    const recorded = parseSaveText(recordedText(one.name, RECORDED[family]));
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
    assert.ok(cases.length > 0, `no cases in ${REFERENCE}`);
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
