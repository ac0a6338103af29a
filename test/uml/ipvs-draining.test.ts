// Real servers that go, with connections through them that stay open: weight 0, until the last has ended or the time is up.
import assert from 'node:assert/strict';
import { drainText } from '../../src/cli/output/drain-text.ts';
import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import type { DrainReport } from '../../src/host/ipvs/drain.ts';
import { executorNames, type ExecutorName } from '../../src/host/ipvs/kube-ipvs.ts';
import { SERVER_PORT } from '../../scripts/lab/addresses.ts';
import type { Lab } from '../../scripts/lab/lab.ts';
import { CLIENT, clusterIp, FAMILIES, SERVICE_PORT, WEB, type ServiceSpec } from '../kernel/support/cluster.ts';
import { compileForIpvs, useIpvsLab } from './support/ipvs-lab.ts';
import { IpvsNode } from './support/ipvs-node.ts';
import { LineClient, startLineServer } from './support/line-talk.ts';

const [STAYS, GOES] = WEB;
const BOTH: ServiceSpec = { name: 'tcp', number: 1, endpoints: [STAYS, GOES] };
const ONE: ServiceSpec = { ...BOTH, endpoints: [STAYS] };
const VIPS = FAMILIES.map((family) => clusterIp(BOTH)[family]);
const GOING = FAMILIES.map((family) => endpointText(GOES.address[family], SERVER_PORT));

/** In both families at clusterIP, nodePort and load balancer IP. */
const SERVERS = 6;
/** Long: nothing waits for it. */
const MINUTE = 60;
const LIMIT = 2;
/** IPVS forgets a connection ten seconds after it was reset. */
const RESET_SECONDS = 10;

function endpointText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

describe('apply in ipvs mode, with connections open, in the kernel', function () {
  this.timeout(120_000);
  const { lab } = useIpvsLab({ pods: [CLIENT, STAYS, GOES], clients: 0, startServer: startLineServer });
  describe('a real server that goes', () => draining(lab));
});

function draining(lab: () => Lab): void {
  let node: IpvsNode;
  let client: LineClient;

  before(async () => {
    node = await IpvsNode.at(lab().namespaceOf('node'));
    client = new LineClient(lab(), CLIENT.name);
  });
  after(async () => {
    await client?.close();
    await node?.close();
  });

  /** Connections in both families to the server that goes. */
  async function openHeld(): Promise<readonly string[]> {
    const held: string[] = [];
    for (const vip of VIPS) {
      // By turns to each of both.
      const ids = [await client.open(vip, SERVICE_PORT), await client.open(vip, SERVICE_PORT)];
      const servers: string[] = [];
      for (const id of ids) servers.push((await client.say(id, 'who')).replace(/ who$/, ''));
      assert.deepEqual(servers.toSorted(), [STAYS.name, GOES.name]);
      for (const [i, id] of ids.entries()) if (servers[i] === GOES.name) held.push(id);
    }
    return held;
  }

  /** The weights of the real servers that go, each as `ADDRESS:PORT weight`. */
  async function goingWeights(): Promise<readonly string[]> {
    const { servers } = await node.ipvsTexts();
    const lines = [...servers.matchAll(/^-a -t (\S+) -r (\S+) -m -w (\d+)$/gm)];
    const ofVips = lines.filter(([, vip = '']) => VIPS.some((ip) => vip === endpointText(ip, SERVICE_PORT)));
    return ofVips.flatMap(([, , real = '', weight = '']) => (GOING.includes(real) ? [`${real} ${weight}`] : [])).sort();
  }

  const withWeight = (weight: number): readonly string[] => GOING.map((real) => `${real} ${weight}`).toSorted();

  /** Resolves when the node waits for connections; `ended` resolves to the reports when the apply is over. */
  async function startDraining(
    desired: readonly CompiledRules[],
    executor: ExecutorName,
    drainSeconds: number,
  ): Promise<{ readonly ended: Promise<readonly DrainReport[]> }> {
    const reports: DrainReport[] = [];
    let waits = (): void => {};
    const waiting = new Promise<void>((resolve) => (waits = resolve));
    const onStep = (step: string): void => {
      if (/^waiting for 2 connections of 2 real servers to end, at most \d+ s$/.test(step)) waits();
    };
    const options = {
      kube: node[executor],
      drainSeconds,
      onStep,
      onDrained: (report: DrainReport) => reports.push(report),
    };
    const ended = node.apply(desired, options).then(() => reports);
    // It must not end before it has waited.
    await Promise.race([waiting, ended.then(() => assert.fail('nothing was waited for'))]);
    return { ended };
  }

  for (const executor of executorNames) {
    it(`keeps connections and gives no new ones, until the last has ended: ${executor}`, async () => {
      await node.apply(compileForIpvs([BOTH], 'rr'), { kube: node[executor] });
      const held = await openHeld();
      const draining = await startDraining(compileForIpvs([ONE], 'rr'), executor, MINUTE);
      assert.deepEqual(await goingWeights(), withWeight(0));
      for (const id of held) assert.equal(await client.say(id, 'still there'), `${GOES.name} still there`);
      for (const vip of [...VIPS, ...VIPS, ...VIPS]) {
        assert.equal(await client.say(await client.open(vip, SERVICE_PORT), 'new'), `${STAYS.name} new`);
      }
      for (const id of held) assert.equal(await client.say(id, 'and again'), `${GOES.name} and again`);
      for (const id of held) await client.reset(id);
      const [report, ...others] = await draining.ended;
      assert.ok(report !== undefined && others.length === 0);
      assert.deepEqual([report.servers, report.cut], [SERVERS, []]);
      assert.ok(report.waitedMs < MINUTE * 1000 && report.waitedMs > (RESET_SECONDS - 1) * 1000, `${report.waitedMs}`);
      assert.match(
        drainText([report], false),
        /^6 real servers went after the last connection had ended, \d+ s later$/m,
      );
      assert.deepEqual(await goingWeights(), []);
    });

    it(`cuts off what is still open when the time is up: ${executor}`, async () => {
      await node.apply(compileForIpvs([BOTH], 'rr'), { kube: node[executor] });
      const held = await openHeld();
      const draining = await startDraining(compileForIpvs([ONE], 'rr'), executor, LIMIT);
      const [report, ...others] = await draining.ended;
      assert.ok(report !== undefined && others.length === 0);
      const cut = VIPS.map((vip, i) => ({
        server: `tcp ${endpointText(vip, SERVICE_PORT)}`,
        realServer: GOING[i],
        active: 1,
        inactive: 0,
      }));
      assert.deepEqual([report.servers, report.cut], [SERVERS, cut]);
      assert.ok(report.waitedMs >= LIMIT * 1000);
      const text = drainText([report], false);
      assert.match(
        text,
        /^warning: 2 real servers went after \d+ s with connections left; --drain-timeout waits longer:$/m,
      );
      for (const real of GOING) assert.ok(text.includes(`\n  ${real} of tcp `), text);
      assert.deepEqual(await goingWeights(), []);
      for (const id of held) assert.equal(await client.say(id, 'and now'), 'closed');
    });
  }
}
