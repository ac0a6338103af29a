// Connections that the kernel remembers, with real packets: a client that keeps its port must come to endpoints that are there.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fieldOf } from '../../src/core/util/mapping.ts';
import { NODE } from '../../scripts/lab/addresses.ts';
import {
  CLIENT,
  CLUSTER_CIDRS,
  clusterIp,
  clusterObjects,
  loadBalancerIp,
  nodePort,
  SERVICE_PORT,
  WEB,
  type ServiceSpec,
} from './support/cluster.ts';
import { useLab } from './support/kernel-lab.ts';
import { runChainsmith, type ChainsmithRun } from './support/run-chainsmith.ts';
import { SteadyClient } from './support/steady-client.ts';

const EXTERNAL = '198.51.100.200';
const spec = { externalIPs: [EXTERNAL] };
const UDP: ServiceSpec = { name: 'udp', number: 1, endpoints: [WEB[0]], protocol: 'UDP', spec };
const OTHER: ServiceSpec = { name: 'other', number: 2, endpoints: [WEB[2]], protocol: 'UDP' };

/** From where, to where: every kind of address, both families, through PREROUTING and OUTPUT. */
const WAYS: readonly (readonly [from: string, host: string, port: number])[] = [
  [CLIENT.name, clusterIp(UDP).ipv4, SERVICE_PORT],
  [CLIENT.name, clusterIp(UDP).ipv6, SERVICE_PORT],
  ['node', clusterIp(UDP).ipv4, SERVICE_PORT],
  ['outside', NODE.ipv4, nodePort(UDP)],
  ['outside', NODE.ipv6, nodePort(UDP)],
  ['node', '127.0.0.1', nodePort(UDP)],
  ['outside', loadBalancerIp(UDP).ipv4, SERVICE_PORT],
  ['outside', loadBalancerIp(UDP).ipv6, SERVICE_PORT],
  ['outside', EXTERNAL, SERVICE_PORT],
];

/** What others have in the table, which looks like it in one way or another. */
const OTHERS = [
  `-s 10.244.0.9 -d ${clusterIp(UDP).ipv4} -p tcp --sport 4000 --dport ${SERVICE_PORT} --state ESTABLISHED -u SEEN_REPLY,ASSURED`,
  `-s 10.244.0.9 -d ${clusterIp(UDP).ipv4} -p udp --sport 4000 --dport 81`,
  `-s 10.244.0.9 -d 192.0.2.7 -p udp --sport 4000 --dport ${nodePort(UDP)}`,
  `-s 10.244.0.9 -d 192.0.2.7 -p udp --sport 4001 --dport ${nodePort(UDP)} --reply-src 10.244.0.77 --reply-dst 10.244.0.9 --reply-port-src 8080 --reply-port-dst 4001`,
  `-s 10.244.0.9 -d ${clusterIp(UDP).ipv4} -p sctp --sport 4000 --dport ${SERVICE_PORT} --state ESTABLISHED --orig-vtag 1 --reply-vtag 2`,
  '-s fd00::1 -d fd00::2 -p icmpv6 --icmpv6-type 128 --icmpv6-code 0 --icmpv6-id 78',
];

/** By netlink, or as on a node without koffi. */
type Executor = 'netlink' | 'tools';

for (const executor of ['netlink', 'tools'] satisfies readonly Executor[]) {
  describe(`stale connections, by ${executor}`, function () {
    this.timeout(60_000);
    const { lab } = useLab();
    const folder = mkdtempSync(join(tmpdir(), 'chainsmith-conntrack-'));
    const input = join(folder, 'cluster.json');
    let clients: readonly SteadyClient[] = [];

    before(() => {
      // Preloaded, it plays an installation without the optional dependency.
      writeFileSync(
        join(folder, 'no-koffi.cjs'),
        `const { Module } = require('node:module');
         const load = Module._load;
         Module._load = function (name, ...rest) {
           if (name === 'koffi') throw Object.assign(new Error('no koffi'), { code: 'MODULE_NOT_FOUND' });
           return load.call(this, name, ...rest);
         };`,
      );
    });
    after(() => rmSync(folder, { recursive: true }));
    afterEach(async () => {
      for (const client of clients) client.end();
      clients = [];
      await node('conntrack', '-F');
    });

    async function node(program: string, ...args: readonly string[]): Promise<string> {
      return (await lab().on('node').run(program, args)).stdout;
    }

    async function chainsmith(
      command: 'apply' | 'conntrack',
      services: readonly ServiceSpec[],
      more: readonly string[] = [],
      environment: Readonly<Record<string, string>> = {},
    ): Promise<ChainsmithRun> {
      writeFileSync(input, JSON.stringify({ kind: 'List', apiVersion: 'v1', items: clusterObjects(services) }));
      const netns = lab().namespaceOf('node');
      const common = ['-f', input, '--node', 'node-a', '--cluster-cidr', CLUSTER_CIDRS, '--netns', netns];
      const apply = ['--variant', 'nft', '--state-dir', join(folder, 'state'), '--yes'];
      const args = [command, ...common, ...(command === 'apply' ? apply : []), ...more];
      const options = executor === 'tools' ? { NODE_OPTIONS: `--require=${join(folder, 'no-koffi.cjs')}` } : {};
      return await runChainsmith(args, { ...options, ...environment });
    }

    async function apply(services: readonly ServiceSpec[], ...more: readonly string[]): Promise<string> {
      const { status, err } = await chainsmith('apply', services, more);
      assert.equal(status, 0, err);
      return err;
    }

    function ask(): Promise<readonly string[]> {
      return Promise.all(clients.map(async (client) => await client.ask()));
    }

    const all = (words: string): readonly string[] => WAYS.map(() => words);

    function connect(): void {
      clients = WAYS.map(([from, host, port]) => new SteadyClient(lab(), from, host, port));
    }

    const moved = { ...UDP, endpoints: [WEB[1]] };
    const none = { ...UDP, endpoints: [] };

    it('lead to the new endpoint after an apply', async () => {
      await apply([UDP]);
      connect();
      assert.deepEqual(await ask(), all('web-1'));
      await apply([moved], '--no-conntrack');
      assert.deepEqual(await ask(), all('web-1'), 'as the kernel remembers them');
      assert.match(
        await apply([moved]),
        new RegExp(`^deleted ${WAYS.length} stale connections of 1 service port$`, 'm'),
      );
      assert.deepEqual(await ask(), all('web-2'));
      assert.doesNotMatch(await apply([moved]), /stale/);
      assert.match(await apply([UDP]), new RegExp(`^deleted ${WAYS.length} stale connections`, 'm'));
      assert.deepEqual(await ask(), all('web-1'));
    });

    it('are refused when the Service has no endpoints any more, and answered when it has some again', async () => {
      await apply([UDP]);
      connect();
      assert.deepEqual(await ask(), all('web-1'));
      await apply([none], '--no-conntrack');
      assert.deepEqual(await ask(), all('web-1'), 'as the kernel remembers them');
      await apply([none]);
      // The node's own packets to addresses that hang on INPUT and FORWARD alone find nobody who refuses them.
      const answers = await ask();
      assert.ok(
        answers.every((words) => words === 'refused' || words === 'silence'),
        answers.join(),
      );
      assert.equal(answers[0], 'refused');
      await apply([moved]);
      assert.deepEqual(await ask(), all('web-2'));
    });

    it('go to an endpoint, though they began when there were no rules', async () => {
      await chainsmith('apply', []);
      connect();
      await ask();
      const { stdout } = await lab().on('node').run('conntrack', ['-L', '-p', 'udp']);
      assert.match(stdout, new RegExp(`dst=${clusterIp(UDP).ipv4.replaceAll('.', '\\.')} .*\\[UNREPLIED\\]`));
      await apply([UDP], '--no-conntrack');
      assert.equal((await ask())[0], 'silence', 'as the kernel remembers it');
      await apply([UDP]);
      assert.deepEqual(await ask(), all('web-1'));
    });

    it('are told by Service, and deleted without touching any other', async () => {
      await apply([UDP, OTHER]);
      connect();
      const other = new SteadyClient(lab(), CLIENT.name, clusterIp(OTHER).ipv4, SERVICE_PORT);
      clients = [...clients, other];
      await ask();
      await apply([moved, OTHER], '--no-conntrack');
      for (const entry of OTHERS) await node('conntrack', '-I', '-t', '600', ...entry.split(' '));
      const before = await table();
      const isOurs = (line: string): boolean => line.startsWith('17 ') && line.includes(`src=${WEB[0].address.ipv4} `);
      const isOurs6 = (line: string): boolean => line.startsWith('17 ') && line.includes(`src=${WEB[0].address.ipv6} `);
      const found = await chainsmith('conntrack', [moved, OTHER], ['-o', 'json', '--executor', executor]);
      assert.equal(found.status, 2, found.err);
      const data: unknown = JSON.parse(found.out);
      assert.equal(fieldOf(data, 'source'), executor);
      const stale = fieldOf(data, 'stale');
      assert.ok(Array.isArray(stale));
      assert.deepEqual(
        stale.map((one: unknown) => `${String(fieldOf(one, 'address'))} ${String(fieldOf(one, 'port'))}`).toSorted(),
        [...new Set(WAYS.map(([, host, port]) => `${host} ${port}`))].toSorted(),
      );
      assert.ok(stale.every((one: unknown) => fieldOf(one, 'service') === 'lab/udp:echo'));
      assert.deepEqual(await table(), before, 'nothing is deleted without --delete');
      const deleted = await chainsmith('conntrack', [moved, OTHER], ['--delete', '--executor', executor]);
      assert.equal(deleted.status, 0, deleted.err);
      assert.match(deleted.out, new RegExp(`^deleted ${WAYS.length} stale connections of 1 service port$`, 'm'));
      const kept = before.filter((line) => !isOurs(line) && !isOurs6(line));
      assert.equal(kept.length, before.length - WAYS.length);
      assert.deepEqual(await table(), kept);
      assert.deepEqual(await ask(), [...all('web-2'), 'web-3']);
      const again = await chainsmith('conntrack', [moved, OTHER], ['--executor', executor]);
      assert.deepEqual([again.status, /^nothing is stale among \d+ connections over UDP$/m.test(again.out)], [0, true]);
    });

    it('over SCTP are deleted on request', async () => {
      const sctp: ServiceSpec = { ...UDP, protocol: 'SCTP', endpoints: [] };
      for (const entry of OTHERS) await node('conntrack', '-I', '-t', '600', ...entry.split(' '));
      const count = (await table()).length;
      assert.equal((await chainsmith('conntrack', [sctp], ['--delete'])).status, 0);
      assert.equal((await table()).length, count);
      const { out, status } = await chainsmith('conntrack', [sctp], ['--delete', '--sctp']);
      assert.equal(status, 0);
      assert.match(out, /\/sctp .*sent on as it came\n\ndeleted 1 stale connection of 1 service port\n$/);
      assert.equal((await table()).length, count - 1);
    });

    // What can fail here is the tool.
    if (executor === 'tools') {
      it('are warned of where they cannot be deleted, and the rules stay', async () => {
        writeFileSync(join(folder, 'conntrack'), '#!/bin/sh\necho Operation not permitted >&2\nexit 1\n', {
          mode: 0o755,
        });
        const path = { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
        const { status, err } = await chainsmith('apply', [none], [], path);
        assert.equal(status, 0, err);
        assert.match(err, /^applied; /m);
        assert.match(
          err,
          /^warning: the rules are in place, but stale connections may be left: .*conntrack -L .*: Operation not permitted/m,
        );
        assert.match(
          err,
          /^ {2}chainsmith conntrack --delete does this part alone; apply --no-conntrack leaves it out$/m,
        );
        assert.match(await node('iptables-nft-save', '-t', 'filter'), /lab\/udp:echo has no endpoints/);
        assert.equal((await chainsmith('conntrack', [none], [], path)).status, 1);
      });
    }

    /** Lines of conntrack -L without what it counts. */
    async function table(): Promise<readonly string[]> {
      const lists = [await node('conntrack', '-L', '-f', 'ipv4'), await node('conntrack', '-L', '-f', 'ipv6')];
      const lines = lists.flatMap((text) => text.split('\n')).filter((line) => line !== '');
      return lines.map((line) => line.replace(/^\S+ +(\d+) +\d+ (?:[A-Z_]+ )?/, '$1 ')).toSorted();
    }
  });
}
