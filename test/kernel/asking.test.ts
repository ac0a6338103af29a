// Commands that ask on a terminal before they write: only "yes" is a yes, and whatever else ends the question leaves the node as it was.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostRunner } from '../../src/host/exec.ts';
import { runCli } from '../cli/run-cli.ts';
import { Terminal } from './support/terminal.ts';
import { useNamespace } from './support/use-namespace.ts';

const PREFIX = 'chainsmith-asking';
const INTERRUPTED = 130;
const CTRL_C = '\u0003';
const INTERRUPTIONS: readonly (readonly [when: string, interrupt: (terminal: Terminal) => void])[] = [
  ['at once where SIGTERM comes', (terminal) => terminal.signal('SIGTERM')],
  ['at once where SIGINT comes', (terminal) => terminal.signal('SIGINT')],
  ['at once where SIGHUP comes', (terminal) => terminal.signal('SIGHUP')],
  ['where Ctrl-C is typed', (terminal) => terminal.type(CTRL_C)],
];

const INPUT = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.80, ports: [{name: http, port: 80}]}
`;

describe('a question on a terminal', function () {
  this.timeout(120_000);
  const { folder, netns } = useNamespace(PREFIX);
  const file = join(folder, 'input.yaml');

  before(() => {
    writeFileSync(file, INPUT);
  });

  const state = (): readonly string[] => ['--state-dir', join(folder, 'state')];
  const place = (): readonly string[] => ['--netns', netns];
  const input = (): readonly string[] => ['-f', file, '--node', 'a', '--cluster-cidr', '10.244.0.0/16'];
  const commands: Readonly<Record<'apply' | 'undo' | 'cleanup', () => readonly string[]>> = {
    apply: () => ['apply', ...input(), '--variant', 'nft', ...place(), ...state()],
    undo: () => ['undo', ...place(), ...state()],
    cleanup: () => ['cleanup', ...place()],
  };
  const rules = async (): Promise<string> =>
    (await hostRunner.run('ip', ['netns', 'exec', netns, 'iptables-nft-save'])).stdout.replace(/^#.*\n/gm, '');

  const asks = /Only "yes" is a yes: /;

  for (const command of ['apply', 'undo', 'cleanup'] as const) {
    /** undo and cleanup have something to do only after an apply. */
    async function prepared(): Promise<string> {
      if (command !== 'apply') {
        const applied = runCli(['apply', ...input(), '--variant', 'nft', ...place(), ...state(), '-q']);
        assert.equal(applied.status, 0, applied.err);
      }
      return await rules();
    }

    async function asked(): Promise<Terminal> {
      const terminal = new Terminal(commands[command](), folder);
      await terminal.hears(asks);
      return terminal;
    }

    for (const [when, interrupt] of INTERRUPTIONS) {
      it(`${command}: ends it ${when}`, async () => {
        const before = await prepared();
        const terminal = await asked();
        interrupt(terminal);
        assert.equal(await terminal.ends(), INTERRUPTED, terminal.said);
        assert.match(terminal.said, /^interrupted: nothing was changed$/m);
        assert.equal(await rules(), before);
      });
    }

    it(`${command}: takes only "yes" for a yes`, async () => {
      const before = await prepared();
      const refused = await asked();
      refused.type('y\n');
      assert.equal(await refused.ends(), 1, refused.said);
      assert.match(refused.said, /^nothing was changed$/m);
      assert.equal(await rules(), before);
      const agreed = await asked();
      agreed.type('yes\n');
      assert.equal(await agreed.ends(), 0, agreed.said);
      assert.notEqual(await rules(), before);
    });
  }
});
