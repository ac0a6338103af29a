import assert from 'node:assert/strict';
import { parseIpsetSave } from '../../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIpvsadm } from '../../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import type { ServerChange } from '../../../src/core/plan/ipvs/ipvs-steps.ts';
import { HostError } from '../../../src/host/host-error.ts';
import { changeLine } from '../../../src/host/ipvs/ipvsadm.ts';
import { ToolsExecutor } from '../../../src/host/ipvs/tools-executor.ts';
import { ScriptedRunner, type ScriptedCommand } from '../../../src/host/scripted-runner.ts';
import { ip } from '../../support/builders.ts';

const SAVED = [
  '-A -t 10.96.0.1:80 -s rr -p 600',
  '-a -t 10.96.0.1:80 -r 10.244.0.7:8080 -m -w 1',
  '-A -u [fd00::a]:53 -s mh -b mh-port',
].join('\n');
const [SERVER, DNS] = parseIpvsadm(SAVED).table.virtualServers;
/** Of SAVED, as the kernel prints it. */
const COUNTED = [
  'IP Virtual Server version 1.2.1 (size=4096)',
  'Prot LocalAddress:Port Scheduler Flags',
  '  -> RemoteAddress:Port Forward Weight ActiveConn InActConn',
  'TCP  0A600001:0050 rr persistent 600 FFFFFFFF',
  '  -> 0AF40007:1F90      Masq    1      0          0',
  'UDP  [fd00:0000:0000:0000:0000:0000:0000:000a]:0035 mh (mh-port)',
  '',
].join('\n');
const NO_SERVERS = [
  { line: 'ipvsadm -S -n', stdout: '' },
  { line: 'cat /proc/net/ip_vs', stdout: COUNTED.split('\n').slice(0, 3).join('\n') },
];

function changes(): readonly ServerChange[] {
  assert.ok(SERVER !== undefined && DNS !== undefined);
  const { address, realServers, ...settings } = SERVER;
  const [realServer] = realServers;
  assert.ok(realServer !== undefined);
  return [
    { kind: 'add-server', address, settings },
    { kind: 'edit-server', address, settings },
    { kind: 'add-real-server', address, realServer },
    { kind: 'edit-real-server', address, realServer: { ...realServer, weight: 0 } },
    { kind: 'delete-real-server', address, realServer },
    { kind: 'delete-server', address: DNS.address },
  ];
}

async function running(script: readonly ScriptedCommand[], use: (kube: ToolsExecutor) => Promise<void>): Promise<void> {
  const runner = new ScriptedRunner(script);
  await use(new ToolsExecutor(runner, { timeoutMs: 1000 }));
  runner.assertFinished();
}

describe('the tools of the ipvs mode', () => {
  it('change virtual servers by lines of ipvsadm', () => {
    assert.deepEqual(changes().map(changeLine), [
      '-A -t 10.96.0.1:80 -s rr -p 600',
      '-E -t 10.96.0.1:80 -s rr -p 600',
      '-a -t 10.96.0.1:80 -r 10.244.0.7:8080 -m -w 1',
      '-e -t 10.96.0.1:80 -r 10.244.0.7:8080 -m -w 0',
      '-d -t 10.96.0.1:80 -r 10.244.0.7:8080',
      '-D -u [fd00::a]:53',
    ]);
  });

  it('name the change that ipvsadm was silent about', async () => {
    const [add, , addReal] = changes();
    assert.ok(add !== undefined && addReal !== undefined);
    const script = [
      {
        line: 'ipvsadm -R',
        input: `${changeLine(add)}\n${changeLine(addReal)}\n`,
        stderr: 'Memory allocation problem\n',
      },
      { line: 'ipvsadm -S -n', stdout: '-A -t 10.96.0.1:80 -s rr -p 600\n' },
    ];
    await running(script, async (kube) => {
      await assert.rejects(kube.run([{ kind: 'change-servers', changes: [add, addReal] }]), (error: unknown) => {
        assert.ok(error instanceof HostError);
        const line = 'ipvsadm -a -t 10.96.0.1:80 -r 10.244.0.7:8080 -m -w 1';
        assert.equal(error.message, `${line}: Memory allocation problem`);
        return true;
      });
    });
  });

  it('name the line of ipset and of ip that the kernel refused', async () => {
    const [set] = parseIpsetSave(
      'create S hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize 12\nadd S 10.0.0.1,tcp:80\n',
    ).sets.values();
    assert.ok(set !== undefined);
    const input = 'create S hash:ip,port family inet hashsize 1024 maxelem 65536\nadd S 10.0.0.1,tcp:80\n';
    const full = 'ipset v7.17: Error in line 2: Hash is full, cannot add more elements\n';
    await running([{ line: 'ipset restore', input, stderr: full, exitCode: 1 }], async (kube) => {
      const message = 'ipset add S 10.0.0.1,tcp:80: Hash is full, cannot add more elements';
      await assert.rejects(kube.run([{ kind: 'create-sets', sets: [set] }]), { message });
    });
    const batch = 'address replace 10.0.0.1/32 dev kube-ipvs0\naddress replace fd00::1/128 dev kube-ipvs0 nodad\n';
    const stderr = 'RTNETLINK answers: Operation not permitted\nCommand failed -:2\n';
    await running([{ line: 'ip -batch -', input: batch, stderr, exitCode: 1 }], async (kube) => {
      const message = 'ip address replace fd00::1/128 dev kube-ipvs0 nodad: RTNETLINK answers: Operation not permitted';
      await assert.rejects(kube.run([{ kind: 'add-addresses', addresses: [ip('10.0.0.1'), ip('fd00::1')] }]), {
        message,
      });
    });
  });

  it('change the members of many sets by one process, in the order of the steps', async () => {
    const text =
      'create A hash:ip,port family inet\nadd A 10.0.0.1,tcp:80\ncreate B hash:ip family inet6\nadd B fd00::1\n';
    const [a, b] = parseIpsetSave(text).sets.values();
    assert.ok(a !== undefined && b !== undefined);
    const steps = [
      { kind: 'add-members', set: a, entries: a.entries },
      { kind: 'delete-members', set: b, entries: b.entries },
      { kind: 'delete-link' },
      { kind: 'add-members', set: b, entries: b.entries },
    ] as const;
    const script = [
      { line: 'ipset -exist restore', input: 'add A 10.0.0.1,tcp:80\ndel B fd00::1\n' },
      { line: 'ip link delete kube-ipvs0' },
      { line: 'ipset -exist restore', input: 'add B fd00::1\n' },
    ];
    await running(script, async (kube) => await kube.run(steps));
    const stderr = 'ipset v7.17: Error in line 2: The set with the given name does not exist\n';
    const failing = [{ line: 'ipset -exist restore', stderr, exitCode: 1 }];
    await running(failing, async (kube) => {
      const message = 'ipset del B fd00::1: The set with the given name does not exist';
      await assert.rejects(kube.run(steps), { message });
    });
  });

  it('observe what there is, and take a kernel without IPVS for one that has none of it', async () => {
    const link = [
      {
        addr_info: [
          { local: '10.96.0.1', scope: 'global' },
          { local: 'fe80::1', scope: 'link' },
        ],
      },
    ];
    const script = [
      { line: 'ipvsadm -S -n', stdout: `${SAVED}\n` },
      { line: 'cat /proc/net/ip_vs', stdout: COUNTED },
      {
        line: 'ipset list -t',
        stdout: 'Name: KUBE-IPVS-IPS\nType: hash:ip\nReferences: 2\n\nName: MINE\nReferences: 0\n',
      },
      {
        line: 'ipset save',
        stdout:
          'create KUBE-IPVS-IPS hash:ip family inet\nadd KUBE-IPVS-IPS 10.96.0.1\ncreate MINE hash:ip family inet\n',
      },
      { line: 'ip -j address show dev kube-ipvs0', stdout: JSON.stringify(link) },
      { line: 'ipvsadm -L --timeout', stdout: 'Timeout (tcp tcpfin udp): 900 120 300\n' },
    ];
    await running(script, async (kube) => {
      const state = await kube.observe(true);
      assert.deepEqual(state.virtualServers, [SERVER, DNS]);
      assert.deepEqual(
        state.sets.map(({ name, references }) => [name, references]),
        [['KUBE-IPVS-IPS', 2]],
      );
      assert.deepEqual(
        state.addresses?.map(({ text }) => text),
        ['10.96.0.1'],
      );
      assert.deepEqual(state.timeouts, { tcp: 900, tcpFin: 120, udp: 300 });
    });
    const none = [
      { line: 'ipvsadm -S -n', stderr: "Can't initialize ipvs: Protocol not available\n", exitCode: 255 },
      { line: 'ipset list -t', stdout: '' },
      { line: 'ipset list -n', stdout: 'MINE\n' },
      { line: 'ip -j address show dev kube-ipvs0', stderr: 'Device "kube-ipvs0" does not exist.\n', exitCode: 1 },
    ];
    await running(none, async (kube) => {
      const state = await kube.observe(false);
      assert.deepEqual(state, { virtualServers: [], sets: [], addresses: undefined, timeouts: undefined });
    });
    await running(none.slice(0, 1), async (kube) => {
      await assert.rejects(kube.observe(true), (error: unknown) => {
        assert.ok(error instanceof HostError);
        assert.equal(error.message, 'this kernel has no IPVS (module ip_vs), which the ipvs mode needs');
        assert.match(error.details.join(), /Can't initialize ipvs/);
        assert.equal(error.advice, 'load the module, or use --mode iptables');
        return true;
      });
    });
  });

  it('do not take a machine without a tool for a node without what it shows', async () => {
    const missing = { exitCode: 127, stderr: 'nsenter: failed to execute ipvsadm: No such file or directory\n' };
    const script = (modules: string): readonly ScriptedCommand[] => [
      { line: 'ipvsadm -S -n', ...missing },
      { line: 'ls /sys/module', stdout: modules },
    ];
    await running(script('ip_set\nip_vs\n'), async (kube) => {
      await assert.rejects(kube.observe(false), (error: unknown) => {
        assert.ok(error instanceof HostError);
        assert.match(error.message, /failed to execute ipvsadm/);
        assert.equal(error.advice, 'install ipvsadm, or use --executor netlink');
        return true;
      });
    });
    const surely = [
      ...script('ip_set\n'),
      { line: 'uname -r', stdout: '6.1.0\n' },
      { line: 'cat /lib/modules/6.1.0/modules.builtin', stdout: 'kernel/fs/ext4/ext4.ko\n' },
      { line: 'ipset list -t', stdout: '' },
      { line: 'ipset list -n', stdout: '' },
      { line: 'ip -j address show dev kube-ipvs0', stderr: 'Device "kube-ipvs0" does not exist.\n', exitCode: 1 },
    ];
    await running(surely, async (kube) => {
      const state = await kube.observe(false);
      assert.deepEqual([state.virtualServers, state.sets], [[], []]);
    });
  });

  it('do not take virtual servers that were cut off for all that there are', async () => {
    const lines = SAVED.split('\n');
    for (const [count, said] of [
      [0, '0 virtual servers with 0 real servers'],
      [1, '1 virtual servers with 0 real servers'],
      [2, '1 virtual servers with 1 real servers'],
    ] as const) {
      const script = [
        { line: 'ipvsadm -S -n', stdout: lines.slice(0, count).join('\n') },
        { line: 'cat /proc/net/ip_vs', stdout: COUNTED },
      ];
      const message = `ipvsadm -Sn prints ${said}, and /proc/net/ip_vs has 2 with 1`;
      await running(script, async (kube) => await assert.rejects(kube.observe(false), { message }));
    }
  });

  it('do not take sets that were cut off for all that there are', async () => {
    const block = (name: string): string => `Name: ${name}\nType: hash:ip\nReferences: 0\nNumber of entries: 1\n`;
    const create = (name: string): string => `create ${name} hash:ip family inet\n`;
    const [ips, loop] = ['KUBE-IPVS-IPS', 'KUBE-LOOP-BACK'];
    const list = `${block(ips)}\n${block(loop)}`;
    const save = `${create(ips)}add ${ips} 10.96.0.1\n${create(loop)}add ${loop} 10.96.0.1\n`;
    const listings: readonly (readonly [listed: string, saved: string, message: RegExp])[] = [
      ['', '', /^ipset list -t does not list KUBE-IPVS-IPS, which is there$/],
      [block(ips), save, /^ipset save and ipset list -t do not say the same of KUBE-LOOP-BACK$/],
      [list, '', /do not say the same of KUBE-IPVS-IPS, KUBE-LOOP-BACK$/],
      [list, save.slice(0, save.lastIndexOf('add')), /do not say the same of KUBE-LOOP-BACK$/],
      [list, save.slice(0, save.lastIndexOf(' hash:ip')), /do not say the same of KUBE-LOOP-BACK$/],
    ];
    for (const [listed, saved, message] of listings) {
      const script = [
        ...NO_SERVERS,
        { line: 'ipset list -t', stdout: listed },
        listed === '' ? { line: 'ipset list -n', stdout: `${ips}\n` } : { line: 'ipset save', stdout: saved },
      ];
      await running(script, async (kube) => {
        await assert.rejects(kube.observe(true), (error: unknown) => {
          assert.ok(error instanceof HostError);
          assert.match(error.message, message);
          return true;
        });
      });
    }
  });

  it('count connections', async () => {
    const listing = [
      'IP Virtual Server version 1.2.1 (size=4096)',
      'Prot LocalAddress:Port Scheduler Flags',
      '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
      'TCP  10.96.0.1:80 rr persistent 600',
      '  -> 10.244.0.7:8080              Masq    0      3          2         ',
      '',
    ].join('\n');
    await running([{ line: 'ipvsadm -L -n', stdout: listing }], async (kube) => {
      assert.ok(SERVER !== undefined);
      const { address } = SERVER;
      const of = [
        { address, ip: ip('10.244.0.7'), port: 8080 },
        { address, ip: ip('10.244.0.8'), port: 8080 },
      ];
      assert.deepEqual(await kube.connections(of), [{ active: 3, inactive: 2 }, undefined]);
    });
  });
});
