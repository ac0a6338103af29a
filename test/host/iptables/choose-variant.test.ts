import assert from 'node:assert/strict';
import { CommandFailed, type CommandRunner } from '../../../src/host/exec.ts';
import { HostError } from '../../../src/host/host-error.ts';
import { chooseVariant } from '../../../src/host/iptables/choose-variant.ts';
import type { Variant } from '../../../src/host/iptables/tools.ts';

const KUBE = '*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -j KUBE-SERVICES\nCOMMIT\n';
const DOCKER =
  '*nat\n:PREROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n-A PREROUTING -m comment --comment KUBE-X -j DOCKER\nCOMMIT\n';
const ALL_TOOLS = ['iptables', 'ip6tables'].flatMap((tool) =>
  ['nft', 'legacy'].flatMap((variant) => [`${tool}-${variant}-save`, `${tool}-${variant}-restore`]),
);

interface FakeNode {
  /** What each command prints; undefined fails as a missing file does. */
  readonly answers: Readonly<Record<string, string>>;
  readonly installed?: readonly string[];
}

/** Answers by command line; tools that are asked for a table get the dump that stands for the tool. */
function fakeNode({ answers, installed = [...ALL_TOOLS, 'iptables'] }: FakeNode): CommandRunner {
  return {
    run: (command, args) => {
      const line = [command, ...args].join(' ');
      const stdout = answers[line] ?? (command.endsWith('-save') ? (answers[command] ?? '') : undefined);
      if (stdout !== undefined) return Promise.resolve({ exitCode: 0, stdout, stderr: '', durationMs: 0 });
      const stderr = `${command}: ${args.join(' ')}: No such file or directory\n`;
      const failure = { exitCode: 1, signal: undefined, timedOut: false, notFound: false };
      return Promise.reject(new CommandFailed({ command, args, ...failure, stdout: '', stderr }));
    },
    which: (command) => Promise.resolve(installed.includes(command) ? `/usr/sbin/${command}` : undefined),
  };
}

async function chosen(node: FakeNode): Promise<Variant> {
  return await chooseVariant(fakeNode(node), { families: ['ipv4', 'ipv6'], timeoutMs: 1000 });
}

const NFT_VERSION = { 'iptables --version': 'iptables v1.8.9 (nf_tables)\n' };
const LEGACY_VERSION = { 'iptables --version': 'iptables v1.8.9 (legacy)\n' };
const LEGACY_TABLES = { 'cat /proc/net/ip_tables_names': 'nat\n' };
const LEGACY_TABLES_6 = { 'cat /proc/net/ip6_tables_names': 'nat\n' };

describe('chooseVariant', () => {
  it('is the one that has KUBE chains, in either family', async () => {
    assert.equal(await chosen({ answers: { ...LEGACY_VERSION, 'iptables-nft-save': KUBE } }), 'nft');
    assert.equal(await chosen({ answers: { ...LEGACY_VERSION, 'ip6tables-nft-save': KUBE } }), 'nft');
    const legacy = { ...NFT_VERSION, ...LEGACY_TABLES, 'iptables-legacy-save': KUBE, 'iptables-nft-save': DOCKER };
    assert.equal(await chosen({ answers: legacy }), 'legacy');
    const six = { ...NFT_VERSION, ...LEGACY_TABLES_6, 'ip6tables-legacy-save': KUBE };
    assert.equal(await chosen({ answers: six }), 'legacy');
  });

  it('refuses to choose if both have', async () => {
    const answers = { ...LEGACY_TABLES, 'iptables-legacy-save': KUBE, 'ip6tables-nft-save': KUBE };
    await assert.rejects(
      chosen({ answers }),
      (error) => error instanceof HostError && /both/.test(error.message) && /cleanup/.test(error.advice ?? ''),
    );
  });

  it('is the default of the system if none has', async () => {
    assert.equal(await chosen({ answers: NFT_VERSION }), 'nft');
    assert.equal(await chosen({ answers: { ...LEGACY_VERSION, 'iptables-nft-save': DOCKER } }), 'legacy');
    assert.equal(await chosen({ answers: { 'iptables --version': 'iptables v1.6.2\n' } }), 'legacy');
  });

  it('is the only one that is installed', async () => {
    for (const variant of ['nft', 'legacy'] as const) {
      const installed = ALL_TOOLS.filter((tool) => tool.includes(variant));
      assert.equal(await chosen({ answers: {}, installed }), variant);
    }
    assert.equal(await chosen({ answers: {}, installed: [] }), 'nft');
  });

  it('never asks iptables-legacy for tables that the kernel does not have', async () => {
    const node = fakeNode({ answers: NFT_VERSION });
    const asked: string[] = [];
    const watched: CommandRunner = {
      run: (command, args, options) => {
        asked.push(command);
        return node.run(command, args, options);
      },
      which: (command) => node.which(command),
    };
    assert.equal(await chooseVariant(watched, { families: ['ipv4', 'ipv6'], timeoutMs: 1000 }), 'nft');
    assert.deepEqual(
      asked.filter((command) => command.includes('legacy')),
      [],
    );
  });

  it('does not guess from what no tool says', async () => {
    await assert.rejects(chosen({ answers: { 'iptables --version': '' } }), HostError);
    await assert.rejects(
      chosen({ answers: { ...NFT_VERSION, 'iptables-nft-save': 'Chain INPUT (policy ACCEPT)\n' } }),
      HostError,
    );
    await assert.rejects(chosen({ answers: { ...NFT_VERSION, 'iptables-nft-save': KUBE.slice(0, 40) } }), HostError);
  });
});
