// The laboratory itself: what it makes it takes away, whatever happened in between.
import assert from 'node:assert/strict';
import { hostRunner, type CommandRunner } from '../../src/host/exec.ts';
import { createNamespace, listNamespaces, processesInNamespace, removeNamespace } from '../../src/host/netns.ts';
import { buildLab } from '../../scripts/lab/build-lab.ts';
import { removeAbandonedLabs, removeOwnLabs } from '../../scripts/lab/lab.ts';
import { runProbe } from '../../scripts/lab/probe.ts';
import { startServer } from '../../scripts/lab/servers.ts';
import { SERVER_PORT } from '../../scripts/lab/addresses.ts';
import { CLIENT, FAMILIES, WEB } from './support/cluster.ts';
import { kinds } from './support/findings.ts';
import { requireKernel } from './support/requirements.ts';

const PREFIX = 'chainsmith-labtest';

/** Higher than any process id that Linux gives (PID_MAX_LIMIT, 2^22). */
const NO_PROCESS = 2 ** 22 + 1;

async function left(): Promise<string[]> {
  return (await listNamespaces(hostRunner)).filter((name) => name.startsWith(`${PREFIX}-`));
}

describe('the laboratory', () => {
  before(function () {
    requireKernel(this);
  });
  afterEach(async () => {
    await removeOwnLabs(hostRunner, PREFIX);
  });

  it('connects everybody, over both families, and leaves nothing', async () => {
    const lab = await buildLab(hostRunner, { prefix: PREFIX, pods: [CLIENT, ...WEB], clients: 1 });
    await startServer(lab, WEB[2].name);
    for (const from of ['outside', 'node', CLIENT.name, WEB[0].name]) {
      for (const family of FAMILIES) {
        const target = { protocol: 'tcp', host: WEB[2].address[family], port: SERVER_PORT } as const;
        assert.deepEqual(
          kinds(await runProbe(lab, from, { ...target, count: 1, timeoutMs: 2000 })),
          ['answered'],
          from,
        );
      }
    }
    const [server] = await processesInNamespace(hostRunner, lab.namespaceOf(WEB[2].name));
    await lab.remove();
    assert.deepEqual(await left(), []);
    assert.throws(() => process.kill(server ?? 0, 0), 'the server still runs');
    await lab.remove();
  });

  it('leaves nothing when its set-up fails half way', async () => {
    let commands = 0;
    const failing: CommandRunner = {
      ...hostRunner,
      run: async (command, args, options) => {
        commands += 1;
        if (commands === 40) throw new Error('enough');
        return await hostRunner.run(command, args, options);
      },
    };
    await assert.rejects(buildLab(failing, { prefix: PREFIX, pods: WEB, clients: 1 }), /enough/);
    assert.deepEqual(await left(), []);
  });

  it('removes what an ended process left, and nothing else', async () => {
    const abandoned = `${PREFIX}-${NO_PROCESS}-1-node`;
    const own = `${PREFIX}-${process.pid}-0-node`;
    for (const name of [abandoned, own]) await createNamespace(hostRunner, name);
    assert.deepEqual(await removeAbandonedLabs(hostRunner, PREFIX), [abandoned]);
    assert.deepEqual(await left(), [own]);
    await removeNamespace(hostRunner, own);
    await removeNamespace(hostRunner, own);
  });
});
