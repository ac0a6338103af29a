// apply in ipvs mode on a machine with faults: no room or right to store the way back, no right to the network, a program that is missing, and
// somebody else who writes meanwhile.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { executorNames, type ExecutorName } from '../../src/host/ipvs/kube-ipvs.ts';
import type { IpvsRecording } from './support/ipvs-trial.ts';
import type { Machine } from './support/machine-fault.ts';
import { useIpvsTrials } from './support/use-ipvs-trials.ts';
import { useMounts } from './support/use-mounts.ts';

const PREFIX = 'chainsmith-ipvsmachine';
const OLD = { name: 'loadbalancer-local', mode: 'ipvs' } as const;
const NEW = { name: 'nodeport-local', mode: 'ipvs' } as const;
/** Where programs are. */
const PLACES = ['/usr/bin', '/usr/sbin'] as const;
const STRANGER = '192.0.2.99,tcp:99';

describe('apply in ipvs mode, on a machine with faults', function () {
  this.timeout(120_000);
  const recordings = new Map<ExecutorName, IpvsRecording>();
  const mount = useMounts();
  const context = useIpvsTrials(PREFIX);
  const { folder } = context;

  before(async () => {
    for (const executor of executorNames)
      recordings.set(executor, await context.trials.record({ executor, from: OLD, to: NEW }));
  });

  function recordingOf(executor: ExecutorName): IpvsRecording {
    const recording = recordings.get(executor);
    assert.ok(recording);
    return recording;
  }

  /** In a mount namespace of its own: the folders of programs have all but one, and so has the first of PATH. */
  function lacking(program: string): Pick<Machine, 'within' | 'environment'> {
    const saved = mkdtempSync(join(folder, 'programs-'));
    const hidden = PLACES.map((place, i) => {
      const real = join(saved, String(i));
      return `mkdir ${real} && mount --bind ${place} ${real} && mount -t tmpfs none ${place} && ${join(saved, '0')}/ln -s ${real}/* ${place}/ && rm -f ${place}/${program}`;
    });
    const within = `exec unshare --mount sh -c '${hidden.join(' && ')} && exec "$@"' sh "$@"`;
    return {
      within,
      environment: (path) => {
        const [first = '', ...others] = path.split(delimiter);
        const own = mkdtempSync(join(folder, 'bin-'));
        for (const name of readdirSync(first)) if (name !== program) symlinkSync(join(first, name), join(own, name));
        return { PATH: [own, ...others].join(delimiter) };
      },
    };
  }

  /** A program that first does something as somebody else, once, when it is called. */
  function pathWithWriter(name: string, writes: string, path: string): string {
    const own = mkdtempSync(join(folder, 'writer-'));
    const places = [...path.split(delimiter), ...PLACES].map((place) => join(place, name));
    const script = `#!/bin/bash
mkdir ${own}/done 2> /dev/null && ${writes}
exec ${places.find((place) => existsSync(place))} "$@"
`;
    writeFileSync(join(own, name), script);
    chmodSync(join(own, name), 0o755);
    return [own, path].join(delimiter);
  }

  for (const executor of executorNames) {
    describe(executor, () => {
      it('has no room for the way back', async () => {
        const stateDir = mount(join(folder, `full-${executor}`), 'size=4k');
        writeFileSync(join(stateDir, 'of-others'), 'x'.repeat(4096));
        const said = await context.trials.tryMachine(recordingOf(executor), { stateDir, outcome: 'old' });
        assert.match(said, /cannot be written: .*space[^]*Nothing was changed/);
      });

      it('may not write the way back', async () => {
        const stateDir = mount(join(folder, `read-only-${executor}`), 'size=4k,ro');
        const said = await context.trials.tryMachine(recordingOf(executor), { stateDir, outcome: 'old' });
        assert.match(said, /cannot be written: [^]*Nothing was changed/);
      });

      it('may not change the network', async () => {
        const within = 'exec setpriv --bounding-set=-net_admin,-net_raw --inh-caps=-all "$@"';
        const said = await context.trials.tryMachine(recordingOf(executor), { within, outcome: 'old' });
        assert.match(said, /^error: .*(?:ermission|permitted|EPERM)/m);
      });

      it('may not enter a namespace', async () => {
        const within = 'exec setpriv --bounding-set=-sys_admin,-net_admin --inh-caps=-all "$@"';
        const said = await context.trials.tryMachine(recordingOf(executor), { within, outcome: 'old' });
        assert.match(said, /^error: .*(?:ermission|permitted|EPERM)/m);
      });

      // While the rules are loaded.
      const meanwhile =
        (writes: string): NonNullable<Machine['environment']> =>
        (path) => ({ PATH: pathWithWriter('iptables-nft-restore', writes, path) });

      it('meets somebody who adds to a set', async () => {
        const said = await context.trials.tryMachine(recordingOf(executor), {
          environment: meanwhile(`ipset add KUBE-CLUSTER-IP ${STRANGER}`),
          stranger: new RegExp(STRANGER),
          outcome: 'old',
        });
        assert.match(said, /the node does not have them\n {2}member KUBE-CLUSTER-IP 192\.0\.2\.99,tcp:99: /);
        assert.match(said, /was put back and read back[^]*another program may be changing them/);
      });

      it('meets somebody who takes a virtual server away that stays', async () => {
        const said = await context.trials.tryMachine(recordingOf(executor), {
          environment: meanwhile('ipvsadm -D -t 10.96.1.1:80'),
          stranger: /10\.96\.1\.1:80/,
          outcome: 'old',
        });
        assert.match(said, /the node does not have them\n {2}virtual server tcp 10\.96\.1\.1:80: is missing/);
        assert.match(said, /was put back and read back[^]*another program may be changing them/);
      });
    });
  }

  for (const program of ['ipvsadm', 'ipset', 'ip'] as const) {
    it(`lacks ${program}, without which the tools do nothing`, async () => {
      const said = await context.trials.tryMachine(recordingOf('tools'), {
        ...lacking(program),
        outcome: 'old',
      });
      assert.match(
        said,
        new RegExp(`^error: .*failed to execute ${program}: No such file[^]*^install .*${program}`, 'm'),
      );
    });
  }
});
