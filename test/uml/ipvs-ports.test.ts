// Where virtual servers for all ports, and real servers without a port, send connections: what connectionPort and refusesAll say.
import assert from 'node:assert/strict';
import { SERVER_PORT } from '../../scripts/lab/addresses.ts';
import type { Outcome } from '../../scripts/lab/probe.ts';
import { startServer } from '../../scripts/lab/servers.ts';
import { connectionPort, refusesAll } from '../../src/core/ruleset/connection-port.ts';
import type { VirtualServer } from '../../src/core/ruleset/virtual-server.ts';
import { changeIpvsInBulk, findIpvs, type IpvsChange } from '../../src/host/netlink/ipvs/ipvs.ts';
import { openNetlinkSocket } from '../../src/host/netlink/open-socket.ts';
import { CLIENT, WEB } from '../kernel/support/cluster.ts';
import { ProbeBatch } from '../kernel/support/probe-batch.ts';
import { ip } from '../support/builders.ts';
import { destination, service } from '../support/netlink-services.ts';
import { useIpvsLab } from './support/ipvs-lab.ts';

const OTHER_PORT = 8081;
/** Who listens at which port of the endpoint. */
const SERVERS = new Map([
  [SERVER_PORT, 'web-1'],
  [OTHER_PORT, 'other'],
]);
const ENDPOINT = WEB[0].address.ipv4;
const MARK = 7;

interface Case {
  readonly title: string;
  /** Of the virtual server. */
  readonly port: number | 'mark';
  readonly persistence: number | undefined;
  /** Of the real server. */
  readonly real: number;
  /** Of the packet. */
  readonly to: number;
}

const CASES: readonly Case[] = (
  [
    ['for all ports, with persistence', 0, 60, 0, SERVER_PORT],
    ['for all ports, with persistence', 0, 60, 0, OTHER_PORT],
    ['for all ports, with persistence, to a port', 0, 60, SERVER_PORT, OTHER_PORT],
    ['for all ports, without persistence', 0, undefined, 0, SERVER_PORT],
    ['for all ports, without persistence, to a port', 0, undefined, SERVER_PORT, SERVER_PORT],
    ['for one port', 80, undefined, OTHER_PORT, 80],
    ['for one port, to none', SERVER_PORT, undefined, 0, SERVER_PORT],
    ['for one port, with persistence', 80, 60, OTHER_PORT, 80],
    ['for one port, with persistence, to none', OTHER_PORT, 60, 0, OTHER_PORT],
    ['by a mark', 'mark', undefined, 0, OTHER_PORT],
    ['by a mark, to a port', 'mark', undefined, SERVER_PORT, OTHER_PORT],
    ['by a mark, with persistence, to a port', 'mark', 60, SERVER_PORT, OTHER_PORT],
  ] as const
).map(([title, port, persistence, real, to]) => ({ title, port, persistence, real, to }));

/** Every case has an address of its own: IPVS keeps what it knows of connections when virtual servers go. */
const addressOf = (index: number): string => `10.96.77.${index + 1}`;

function changes({ port, persistence, real }: Case, index: number): readonly IpvsChange[] {
  const key =
    port === 'mark'
      ? ({ kind: 'mark', mark: MARK + index, family: 'ipv4' } as const)
      : ({ kind: 'address', protocol: 6, ip: ip(addressOf(index)), port } as const);
  return [
    { kind: 'add-service', service: service(key, { persistence }) },
    { kind: 'add-destination', key, destination: destination(ENDPOINT, real) },
  ];
}

/** As the core has it. */
function virtualServer({ port, persistence }: Case, index: number): Pick<VirtualServer, 'address' | 'persistence'> {
  return {
    address:
      port === 'mark'
        ? { kind: 'mark', family: 'ipv4', mark: MARK + index }
        : { kind: 'address', protocol: 'tcp', ip: ip(addressOf(index)), port },
    persistence: persistence === undefined ? undefined : { seconds: persistence, prefix: undefined },
  };
}

const answerOf = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.kind === 'answered' ? outcome.server : outcome.kind));

describe('ports of virtual servers', function () {
  this.timeout(120_000);
  const { lab } = useIpvsLab({
    pods: [CLIENT, WEB[0]],
    clients: 0,
    startServer: async (of, host) => {
      for (const [port, name] of SERVERS) await startServer(of, host, { name, port });
    },
  });
  const batch = new ProbeBatch();
  const found = CASES.map(({ to }, index) =>
    batch.add('client', { protocol: 'tcp', host: addressOf(index), port: to, count: 1, timeoutMs: 5000 }),
  );

  before(async () => {
    const node = lab().on('node');
    const links = CASES.map((_, index) => `address add ${addressOf(index)}/32 dev vips\n`).join('');
    await node.run('ip', ['-batch', '-'], { input: `link add vips type dummy\n${links}` });
    const marks = CASES.flatMap(({ port }, index) =>
      port === 'mark' ? [`-A PREROUTING -d ${addressOf(index)}/32 -j MARK --set-mark ${MARK + index}\n`] : [],
    ).join('');
    // One that says of each connection to which port of the virtual server it went.
    const asks = CASES.map(({ to }, index) => `-A POSTROUTING -m ipvs --vaddr ${addressOf(index)} --vport ${to}\n`);
    await node.run('iptables-legacy-restore', [], { input: `*mangle\n${marks}${asks.join('')}COMMIT\n` });
    const socket = openNetlinkSocket('generic', { namespacePath: `/run/netns/${lab().namespaceOf('node')}` });
    try {
      assert.deepEqual(changeIpvsInBulk(findIpvs(socket), CASES.flatMap(changes)), []);
    } finally {
      socket.close();
    }
    await batch.run(lab());
  });

  for (const [index, one] of CASES.entries()) {
    const virtual = virtualServer(one, index);
    const port = connectionPort(virtual, { port: one.real }, one.to);
    const expected = refusesAll(virtual) ? 'refused' : (SERVERS.get(port) ?? assert.fail());
    it(`${one.title}: a connection to ${one.to} is ${refusesAll(virtual) ? 'refused' : `sent to ${port}`}`, async () => {
      assert.deepEqual(answerOf(found[index]?.() ?? []), [expected]);
      const { stdout } = await lab().on('node').run('iptables-legacy-save', ['-c', '-t', 'mangle']);
      const asked = stdout.split('\n').find((line) => line.includes(` --vaddr ${addressOf(index)} `));
      assert.equal((asked ?? assert.fail(stdout)).startsWith('[0:0]'), refusesAll(virtual), asked);
    });
  }
});
