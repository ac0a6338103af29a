// Applies in ipvs mode from one state to another: to the other mode and back, taken back, with faults in between; by both executors.
import assert from 'node:assert/strict';
import type { IpvsState } from '../../src/core/plan/ipvs/ipvs-state.ts';
import type { Draining, IpvsStep } from '../../src/core/plan/ipvs/ipvs-steps.ts';
import { HostError } from '../../src/host/host-error.ts';
import { ApplyFailed } from '../../src/host/iptables/apply-failed.ts';
import {
  executorNames,
  type ExecutorName,
  type KubeIpvs,
  type OpenConnections,
} from '../../src/host/ipvs/kube-ipvs.ts';
import { parseNetwork } from '../../src/core/ruleset/ip-network.ts';
import { NetlinkError } from '../../src/host/netlink/netlink-error.ts';
import { parseIp, type Ip } from '../../src/core/model/ip.ts';
import { compiledCase } from '../support/ipvs-reference.ts';
import { compiledTexts, IpvsNode } from './support/ipvs-node.ts';
import { requireGuest } from './support/requirements.ts';

const PREFIX = 'chainsmith-ipvs';
const OLD = 'loadbalancer-local';
const NEW = 'dual-stack';
const ROUTE_LOCALNET = 'net.ipv4.conf.all.route_localnet';

/** Steps by number, and whether they are done all the same. test/kernel tries all of them, without IPVS. */
const FAULTS: { readonly [E in ExecutorName]: readonly (readonly [at: number, isLate: boolean])[] } = {
  netlink: [
    [1, true],
    [5, false],
  ],
  tools: [[4, true]],
};

describe('apply in ipvs mode, from state to state, in the kernel', function () {
  this.timeout(120_000);
  let node: IpvsNode;
  const kubeOf = (name: ExecutorName): KubeIpvs => (name === 'netlink' ? node.netlink : node.tools);

  before(async function () {
    requireGuest(this);
    node = await IpvsNode.create(PREFIX);
  });
  after(async () => await node?.remove());

  for (const executor of executorNames) {
    it(`goes to the iptables mode and back, leaves nothing behind, and is taken back: ${executor}`, async () => {
      const kube = kubeOf(executor);
      await node.apply(compiledCase(NEW, 'iptables'), { kube });
      const iptables = await node.texts();
      assert.deepEqual([iptables.servers, iptables.sets, iptables.addresses], ['', '', '']);
      await node.apply(compiledCase(NEW), { kube });
      const ipvs = await node.texts();
      const { servers, sets, addresses } = compiledTexts(compiledCase(NEW));
      assert.deepEqual([ipvs.servers, ipvs.sets, ipvs.addresses], [servers, sets, addresses]);
      const stale = /^:KUBE-(?:SVC|SEP|EXT|FW|NODEPORTS|EXTERNAL-SERVICES|FIREWALL|PROXY-CANARY)/m;
      assert.doesNotMatch(`${ipvs.ipv4}\n${ipvs.ipv6}`, stale);
      assert.deepEqual(await node.settings([ROUTE_LOCALNET, 'net.ipv4.vs.conntrack']), ['0', '1']);
      const back = await node.apply(compiledCase(NEW, 'iptables'), { kube });
      assert.deepEqual(await node.texts(), iptables);
      assert.deepEqual(await node.settings([ROUTE_LOCALNET]), ['1']);
      await node.undo(back, kube);
      assert.deepEqual(await node.texts(), ipvs);
      assert.deepEqual(await node.settings([ROUTE_LOCALNET]), ['0']);
    });

    it(`puts everything back when a step fails: ${executor}`, async () => {
      const kube = kubeOf(executor);
      const before = await node.texts();
      // Among others: a half-made change of virtual servers, members that are there and rules that are not.
      for (const [at, isLate] of FAULTS[executor]) {
        const faulty = new FaultyKube(kube, at, isLate);
        const failed = await attempt(async () => void (await node.apply(compiledCase(OLD), { kube: faulty })));
        assert.ok(failed !== undefined && faulty.hasFailed);
        assert.equal(failed.outcome.kind, 'restored', failed.details.join('\n'));
        assert.deepEqual(await node.texts(), before, `step ${at}`);
      }
    });
  }

  it('leaves virtual servers, sets and links of others alone', async () => {
    await node.apply(compiledCase(NEW, 'iptables'));
    const foreign =
      '-A -t 192.168.0.10:5000 -s wlc\n-a -t 192.168.0.10:5000 -r 192.168.0.20:5000 -m -w 3\n-A -f 7 -s rr\n';
    await node.runner.run('ipvsadm', ['-R'], { input: foreign });
    await node.runner.run('ipset', ['restore'], { input: 'create MINE hash:ip\nadd MINE 192.0.2.1\n' });
    const before = await node.texts();
    assert.ok(before.servers !== '' && before.sets !== '');
    await node.apply(compiledCase(NEW));
    const during = await node.texts();
    for (const line of before.servers.split('\n')) assert.ok(during.servers.includes(line));
    await node.apply(compiledCase(NEW, 'iptables'));
    const { servers, sets, addresses } = await node.texts();
    assert.deepEqual([servers, sets, addresses], [before.servers, before.sets, '']);
    await node.runner.run('ipvsadm', ['-C']);
    await node.runner.run('ipset', ['destroy', 'MINE']);
  });

  it('makes a set anew that cannot hold its members, while rules name it', async () => {
    const desired = compiledCase(NEW);
    await node.apply(desired);
    const before = await node.texts();
    for (const executor of executorNames) {
      const small =
        'create tmp hash:ip,port maxelem 1\nadd tmp 192.0.2.9,tcp:1\nswap tmp KUBE-CLUSTER-IP\ndestroy tmp\n';
      const timed = 'create tmp hash:ip timeout 600\nadd tmp 10.96.1.1\nswap tmp KUBE-IPVS-IPS\ndestroy tmp\n';
      await node.runner.run('ipset', ['restore'], { input: small + timed });
      await node.apply(desired, { kube: kubeOf(executor) });
      const after = await node.texts();
      // One entry at most is enough for the one Service of the case.
      assert.equal(after.sets.replace(/(KUBE-CLUSTER-IP .* maxelem) 1 /, '$1 65536 '), before.sets);
    }
  });

  it('names what the kernel refuses', async () => {
    const ip = (text: string): Ip => parseIp(text) ?? assert.fail(text);
    const address = { kind: 'address', protocol: 'tcp', ip: ip('10.96.0.1'), port: 80 } as const;
    const settings = {
      schedulerFlags: [],
      persistence: undefined,
      persistenceEngine: undefined,
      onePacket: false,
    };
    const bad: readonly (readonly [IpvsStep, netlink: RegExp, tools: RegExp])[] = [
      [
        {
          kind: 'change-servers',
          changes: [{ kind: 'add-server', address, settings: { ...settings, scheduler: 'nosuch' } }],
        },
        /^add the virtual service tcp 10\.96\.0\.1:80: .* \(ENOENT\)/,
        /^ipvsadm -A -t 10\.96\.0\.1:80 -s nosuch: Scheduler or persistence engine not found/,
      ],
      [
        { kind: 'change-servers', changes: [{ kind: 'delete-server', address }] },
        /^delete the virtual service tcp 10\.96\.0\.1:80: .* \(ESRCH\)/,
        /^ipvsadm -R: No such service/,
      ],
      [
        { kind: 'destroy-sets', names: ['KUBE-CLUSTER-IP'] },
        /^destroy the set KUBE-CLUSTER-IP: .*in use/,
        /KUBE-CLUSTER-IP .*in use/,
      ],
      [
        {
          kind: 'add-members',
          set: { name: 'KUBE-NONE', type: 'hash:ip', family: 'ipv4' },
          entries: [hostEntry('192.0.2.1')],
        },
        /KUBE-NONE.*\(ENOENT\)/,
        /^ipset add KUBE-NONE 192\.0\.2\.1: .*does not exist/,
      ],
      [{ kind: 'create-link' }, /^create the dummy link kube-ipvs0: .* \(EEXIST\)/, /File exists/],
      [
        { kind: 'delete-addresses', addresses: [ip('10.96.1.1'), ip('192.0.2.77')] },
        /./,
        /^ip address delete 192\.0\.2\.77\/32 dev kube-ipvs0: .*Cannot assign/,
      ],
    ];
    await node.apply(compiledCase(NEW));
    for (const executor of executorNames) {
      for (const [step, netlink, tools] of bad) {
        const expected = executor === 'netlink' ? netlink : tools;
        // An address that is gone already is as it should be.
        if (expected.source === '.') continue;
        await assert.rejects(kubeOf(executor).run([step]), (error: unknown) => {
          assert.ok(error instanceof HostError, String(error));
          assert.match(error.message, expected);
          return executor === 'tools' || error instanceof NetlinkError;
        });
      }
    }
  });
});

function hostEntry(text: string) {
  const network = parseNetwork(`${text}/32`);
  assert.ok(network !== undefined);
  return { parts: [{ kind: 'network', network } as const], nomatch: false, options: [] };
}

async function attempt(run: () => Promise<void>): Promise<ApplyFailed | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ApplyFailed, String(error));
    return error;
  }
}

/** Fails once, at a step by its number: before it is done, or although it is. */
class FaultyKube implements KubeIpvs {
  readonly name: ExecutorName;
  readonly #kube: KubeIpvs;
  readonly #at: number;
  readonly #isLate: boolean;
  #steps = 0;
  hasFailed = false;

  constructor(kube: KubeIpvs, at: number, isLate: boolean) {
    this.name = kube.name;
    this.#kube = kube;
    this.#at = at;
    this.#isLate = isLate;
  }

  close(): void {}

  async hasLink(): Promise<boolean> {
    return await this.#kube.hasLink();
  }

  async observe(needed: boolean): Promise<IpvsState> {
    return await this.#kube.observe(needed);
  }

  async connections(of: readonly Draining[]): Promise<readonly (OpenConnections | undefined)[]> {
    return await this.#kube.connections(of);
  }

  /** Those before it in the same row are done with it, as the executor does them. */
  async run(steps: readonly IpvsStep[]): Promise<void> {
    const at = this.#at - this.#steps;
    this.#steps += steps.length;
    const isIn = at >= 0 && at < steps.length;
    await this.#kube.run(isIn ? steps.slice(0, this.#isLate ? at + 1 : at) : steps);
    if (!isIn) return;
    this.hasFailed = true;
    throw new HostError('an injected fault');
  }
}
