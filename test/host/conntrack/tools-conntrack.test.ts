import assert from 'node:assert/strict';
import type { StaleGroup } from '../../../src/core/analyze/conntrack/find-stale.ts';
import { openConntrack } from '../../../src/host/conntrack/open-conntrack.ts';
import { openToolsConntrack } from '../../../src/host/conntrack/tools-conntrack.ts';
import { HostError } from '../../../src/host/host-error.ts';
import { NetlinkUnavailable } from '../../../src/host/netlink/koffi/load-koffi.ts';
import { ScriptedRunner } from '../../../src/host/scripted-runner.ts';
import { staleGroup } from '../../support/stale-group.ts';

const LISTING = `udp      17 29 src=10.0.0.9 dst=10.96.0.10 sport=4000 dport=53 [UNREPLIED] src=10.244.0.3 dst=10.0.0.9 sport=53 dport=4000 mark=0 use=1
udp      17 29 src=10.0.0.9 dst=10.96.0.10 sport=4001 dport=53 src=10.244.0.3 dst=10.0.0.9 sport=53 dport=4001 mark=0 zone=5 use=1
`;

const ONE = {
  protocol: 17,
  source: '10.0.0.9',
  sourcePort: 4000,
  destination: '10.96.0.10',
  destinationPort: 53,
  target: '10.244.0.3',
  targetPort: 53,
};

const GROUP = staleGroup([ONE, { ...ONE, sourcePort: 4001 }]);
const DELETE =
  'conntrack -D -f ipv4 -p udp --orig-dst 10.96.0.10 --orig-port-dst 53 --reply-src 10.244.0.3 --reply-port-src 53';
const counted = (count: number): string =>
  `conntrack v1.4.7 (conntrack-tools): ${count} flow entries have been deleted.\n`;

describe('the conntrack tool', () => {
  it('lists each family and protocol once', async () => {
    const runner = new ScriptedRunner([
      { line: 'conntrack -L -f ipv4 -p udp', stdout: LISTING },
      { line: 'conntrack -L -f ipv4 -p sctp' },
      { line: 'conntrack -L -f ipv6 -p udp' },
      { line: 'conntrack -L -f ipv6 -p sctp' },
    ]);
    const listed = await openToolsConntrack(runner).list(['ipv4', 'ipv6'], ['UDP', 'SCTP']);
    assert.deepEqual(listed, GROUP.connections);
    runner.assertFinished();
  });

  it('deletes a group in one run, and counts what had ended', async () => {
    const six: StaleGroup = {
      ...GROUP,
      family: 'ipv6',
      address: 'fd00::a',
      sentTo: undefined,
      reason: 'not-translated',
      connections: [ONE],
    };
    const runner = new ScriptedRunner([
      { line: DELETE, stderr: counted(1) },
      {
        line: 'conntrack -D -f ipv6 -p udp --orig-dst fd00::a --orig-port-dst 53 --reply-src fd00::a --reply-port-src 53',
        exitCode: 1,
        stderr: counted(0),
      },
    ]);
    assert.deepEqual(await openToolsConntrack(runner).delete([GROUP, six]), { deleted: 1, gone: 2, problems: [] });
    runner.assertFinished();
  });

  it('goes on after a failure, and tells of it', async () => {
    const denied = 'conntrack v1.4.7 (conntrack-tools): Operation failed: Operation not permitted';
    const runner = new ScriptedRunner([
      { line: DELETE, exitCode: 1, stderr: denied },
      { line: DELETE, stderr: counted(2) },
    ]);
    const { deleted, problems } = await openToolsConntrack(runner).delete([GROUP, GROUP]);
    assert.equal(deleted, 2);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^conntrack -D .*Operation not permitted/);
  });

  it('says what to do when it fails, and does not take other text for a listing', async () => {
    const denied = new ScriptedRunner([
      { line: 'conntrack -L -f ipv4 -p udp', exitCode: 1, stderr: 'Operation failed: Operation not permitted' },
    ]);
    await assert.rejects(openToolsConntrack(denied).list(['ipv4'], ['UDP']), (error) => {
      assert.ok(error instanceof HostError);
      assert.equal(error.advice, 'run chainsmith as root');
      return true;
    });
    const strange = new ScriptedRunner([{ line: 'conntrack -L -f ipv4 -p udp', stdout: `${LISTING}<?xml?>\n` }]);
    await assert.rejects(openToolsConntrack(strange).list(['ipv4'], ['UDP']), /prints what is no entry/);
  });

  it('reads the addresses of all interfaces', async () => {
    const stdout = `1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever
7: tun0    inet 10.8.0.1 peer 10.8.0.2/32 scope global tun0\\       valid_lft forever preferred_lft forever
`;
    const runner = new ScriptedRunner([{ line: 'ip -o address show', stdout }]);
    const addresses = await openToolsConntrack(runner).localAddresses();
    assert.deepEqual(
      addresses.map(({ text }) => text),
      ['127.0.0.1', '::1', '10.8.0.1'],
    );
  });
});

describe('openConntrack', () => {
  const missing = (): never => {
    throw new NetlinkUnavailable('speaking netlink takes the package koffi, which is not installed', {
      advice: 'npm install koffi',
    });
  };
  const open = async (installed: readonly string[], executor: 'auto' | 'netlink' | 'tools' = 'auto') =>
    await openConntrack({ namespacePath: undefined, runner: new ScriptedRunner([], installed), executor }, missing);

  it('takes the tools where koffi is missing, or they are asked for', async () => {
    assert.equal((await open(['conntrack'])).executor, 'tools');
    assert.equal((await open([], 'tools')).executor, 'tools');
  });

  it('does not take them where netlink is asked for', async () => {
    await assert.rejects(open(['conntrack'], 'netlink'), NetlinkUnavailable);
  });

  it('names both ways out where there is neither', async () => {
    await assert.rejects(open([]), (error) => {
      assert.ok(error instanceof HostError);
      assert.match(error.message, /koffi, which is not installed, and there is no conntrack either$/);
      assert.equal(error.advice, 'install conntrack-tools (Debian: conntrack), or npm install koffi');
      return true;
    });
  });
});
