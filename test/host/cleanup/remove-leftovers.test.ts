import assert from 'node:assert/strict';
import { splitSave } from '../../../src/core/parse/iptables-save/split-save.ts';
import { planCleanup } from '../../../src/core/plan/cleanup/plan-cleanup.ts';
import type { Leftovers, VariantLeftovers } from '../../../src/host/cleanup/leftovers.ts';
import { removeLeftovers } from '../../../src/host/cleanup/remove-leftovers.ts';
import { ToolsObjects } from '../../../src/host/cleanup/tools-objects.ts';
import type { Variant } from '../../../src/host/iptables/tools.ts';
import { FakeNode, type Answer } from './fake-node.ts';

const SAVE = '*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -j KUBE-SERVICES\nCOMMIT\n';
const CLEAN = '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n';
const saved = splitSave(SAVE).saved;

function rules(variant: Variant): VariantLeftovers {
  return { variant, families: [{ saved, cleanup: planCleanup('ipv4', saved, { all: false }) }], observeMs: 1 };
}

const FOUND: Leftovers = {
  variants: [rules('nft'), rules('legacy')],
  sets: ['KUBE-CLUSTER-IP', 'KUBE-LOOP-BACK'],
  virtualServers: [{ option: '-t', place: '10.96.0.1:80', address: '10.96.0.1' }],
  link: { addresses: ['10.96.0.1'] },
  nftTables: ['ip kube-proxy'],
  nfacct: ['ct_state_invalid_dropped_pkts'],
  unread: [],
  warnings: [],
  notes: [],
};

const RESTORE = '--noflush --counters -w 3';
const WRITES = `iptables-nft-restore ${RESTORE}`;
/** What is read where that has failed. */
const STILL_THERE = { 'iptables-nft-save': SAVE };
const ANSWERS: Readonly<Record<string, Answer>> = {
  [`iptables-nft-restore ${RESTORE}`]: '',
  'iptables-nft-save': CLEAN,
  'iptables-legacy-restore --version': 'iptables-restore v1.8.4 (legacy)\n',
  [`iptables-legacy-restore ${RESTORE}`]: '',
  'iptables-legacy-save': CLEAN,
  'ipvsadm -D -t 10.96.0.1:80': '',
  'ipset destroy KUBE-CLUSTER-IP': '',
  'ipset destroy KUBE-LOOP-BACK': '',
  'ip link delete kube-ipvs0': '',
  'nft delete table ip kube-proxy': '',
  'nfacct delete ct_state_invalid_dropped_pkts': '',
};

async function remove(
  changes: Readonly<Record<string, Answer>>,
  signal?: AbortSignal,
): Promise<{ readonly lines: readonly string[]; readonly problems: readonly string[] }> {
  const node = new FakeNode({ ...ANSWERS, ...changes }, []);
  const kernel = new ToolsObjects(node, { timeoutMs: 1000 });
  const context = { runner: node, kernel, all: false, timeoutMs: 1000, lockSeconds: 3, signal };
  const problems = await removeLeftovers(FOUND, context);
  return { lines: node.lines, problems: problems.map(({ message }) => message) };
}

const fails = (stderr: string): Answer => ({ exitCode: 1, stderr });

describe('removeLeftovers', () => {
  it('removes what refers to something before what is referred to', async () => {
    const { lines, problems } = await remove({});
    assert.deepEqual(problems, []);
    const writing = lines.filter((line) => !/--test|-save$|--version/.test(line));
    assert.deepEqual(writing, [
      `iptables-nft-restore ${RESTORE}`,
      `iptables-legacy-restore ${RESTORE}`,
      'ipvsadm -D -t 10.96.0.1:80',
      'ipset destroy KUBE-CLUSTER-IP',
      'ipset destroy KUBE-LOOP-BACK',
      'ip link delete kube-ipvs0',
      'nft delete table ip kube-proxy',
      'nfacct delete ct_state_invalid_dropped_pkts',
    ]);
  });

  it('goes on after each part that fails, and names it', async () => {
    const parts: readonly (readonly [string, RegExp])[] = [
      [WRITES, /^the rules of iptables-nft could not be removed: .*no luck/],
      ['ipvsadm -D -t 10.96.0.1:80', /^the virtual server -t 10\.96\.0\.1:80 could not be removed: .*no luck$/],
      ['ipset destroy KUBE-LOOP-BACK', /^the ipset KUBE-LOOP-BACK could not be removed: .*no luck$/],
      ['ip link delete kube-ipvs0', /^the link kube-ipvs0 could not be removed: .*no luck$/],
      ['nft delete table ip kube-proxy', /^the nft table ip kube-proxy could not be removed: .*no luck$/],
      ['nfacct delete ct_state_invalid_dropped_pkts', /^the nfacct object .* could not be removed: .*no luck$/],
    ];
    for (const [line, said] of parts) {
      const { lines, problems } = await remove({ ...(line === WRITES ? STILL_THERE : {}), [line]: fails('no luck') });
      assert.equal(problems.length, 1, line);
      assert.match(problems[0] ?? '', said);
      assert.ok(lines.includes(line) && lines.at(-1) === 'nfacct delete ct_state_invalid_dropped_pkts', line);
    }
  });

  it('takes what is gone meanwhile for removed', async () => {
    const { problems } = await remove({
      'ipvsadm -D -t 10.96.0.1:80': fails('No such service\n'),
      'ipset destroy KUBE-LOOP-BACK': fails('ipset v7.17: The set with the given name does not exist'),
      'ip link delete kube-ipvs0': fails('Cannot find device "kube-ipvs0"'),
      'nft delete table ip kube-proxy': fails('Error: No such file or directory'),
      'nfacct delete ct_state_invalid_dropped_pkts': fails('nfacct v1.0.2: error: No such file or directory'),
    });
    assert.deepEqual(problems, []);
  });

  it('says when the rules are there again, and puts them back as they were', async () => {
    const { lines, problems } = await remove({ 'iptables-nft-save': SAVE });
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^the rules of iptables-nft could not be removed: .*the node does not have them$/);
    assert.ok(lines.includes(`iptables-legacy-restore ${RESTORE}`));
  });

  it('does not wait for a set that rules still need', async () => {
    const start = performance.now();
    const { problems } = await remove({
      ...STILL_THERE,
      [WRITES]: fails('no luck'),
      'ipset destroy KUBE-LOOP-BACK': fails('Set cannot be destroyed: it is in use by a kernel component'),
    });
    assert.deepEqual(problems.slice(1), [
      'the ipset KUBE-LOOP-BACK could not be removed: something still refers to it',
    ]);
    assert.ok(performance.now() - start < 2000);
  });

  it('begins nothing more once it is interrupted', async () => {
    const { lines, problems } = await remove({}, AbortSignal.abort());
    assert.deepEqual([lines, problems], [[], ['interrupted']]);
  });
});
