// Does a packet do what the trace says? Random rule sets are loaded into a router, packets are sent through it or from it, and what
// happened is compared: exactly the rules of which the trace says that they match have counted, the packet arrives where it says and
// comes from where it says, and a refusal is the one that it says.
import assert from 'node:assert/strict';
import { addressText, readAddress, type KnownAddress } from '../../src/core/analyze/trace/address.ts';
import type { Assumptions } from '../../src/core/analyze/trace/assumptions.ts';
import type { Step } from '../../src/core/analyze/trace/course.ts';
import type { TraceOutcome } from '../../src/core/analyze/trace/outcomes.ts';
import { PROTOCOL, type TracePacket } from '../../src/core/analyze/trace/packet.ts';
import { shareNumber } from '../../src/core/analyze/trace/share.ts';
import { trace, traceReply } from '../../src/core/analyze/trace/trace.ts';
import { parseIpsetSave } from '../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { builtInChains } from '../../src/core/ruleset/built-in-chains.ts';
import type { Ruleset } from '../../src/core/ruleset/ruleset.ts';
import { hostRunner } from '../../src/host/exec.ts';
import type { Family } from '../../scripts/lab/addresses.ts';
import { chiSquareTail } from '../../scripts/lab/chi-square.ts';
import { restoreRules, saveRules, type Variant } from '../../scripts/lab/iptables.ts';
import { removeAbandonedLabs, type Lab } from '../../scripts/lab/lab.ts';
import { Dice, randomPacket, randomRules, SET, type RandomRules } from './support/random-rules.ts';
import { sendCommand, type RawPacket } from './support/raw-packet.ts';
import { requireKernel } from './support/requirements.ts';
import { ADDRESSES, buildTraceNet, guards, runScript, saveCommand } from './support/trace-net.ts';

const PREFIX = 'chainsmith-trace';
const SEED = Number(process.env['TRACE_SEED'] ?? 20_261_121);
/** Rule sets per variant, and packets of each. */
const RULE_SETS = 52;
const PACKETS = 6;

/** How often each rule of the router has counted: by table, chain and place. */
type Counts = ReadonlyMap<string, number>;

interface Observed {
  readonly router: Counts;
  /** Comments of the counting rules of server and client. */
  readonly server: Counts;
  readonly client: Counts;
}

function countsOf(
  text: string,
  key: (table: string, chain: string, index: number, comment: string) => string,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const table of parseIptablesSave(text).ruleset.tables) {
    for (const chain of table.chains.values()) {
      for (const [i, { rule, counters }] of chain.rules.entries()) {
        const comment = rule.matches.flatMap((match) => (match.kind === 'comment' ? [match.text] : [])).join();
        const name = key(table.name, chain.name, i, comment);
        counts.set(name, (counts.get(name) ?? 0) + Number(counters?.packets ?? 0n));
      }
    }
  }
  return counts;
}

const byPlace = (table: string, chain: string, index: number): string => `${table} ${chain} ${index + 1}`;
const byComment = (_table: string, _chain: string, _index: number, comment: string): string => comment;

function difference(after: Counts, before: Counts): Map<string, number> {
  return new Map(
    [...after]
      .map(([key, count]): [string, number] => [key, count - (before.get(key) ?? 0)])
      .filter(([, count]) => count !== 0),
  );
}

/** What the trace says of rules: the same keys as `countsOf`. */
function placesOf(steps: readonly Step[], ruleset: Ruleset): readonly string[] {
  const places = new Map<unknown, string>();
  for (const table of ruleset.tables) {
    for (const chain of table.chains.values()) {
      for (const [i, read] of chain.rules.entries()) places.set(read, byPlace(table.name, chain.name, i));
    }
  }
  return steps.flatMap(({ rule }) => (rule === undefined ? [] : [places.get(rule) ?? 'no rule of the set']));
}

interface Prediction {
  /** Sorted texts of everything that counts. */
  readonly router: readonly string[];
  readonly server: readonly string[];
  readonly client: readonly string[];
}

function address(text: string): KnownAddress {
  const read = readAddress(text);
  assert.ok(read !== undefined);
  return read;
}

function tracePacketOf(
  { protocol, source, destination, sourcePort, destinationPort }: RawPacket,
  { origin, family }: RandomRules,
): TracePacket {
  const numbers = { tcp: PROTOCOL.tcp, udp: PROTOCOL.udp, ping: family === 'ipv4' ? PROTOCOL.icmp : PROTOCOL.icmp6 };
  return {
    origin: origin === 'router' ? 'node' : 'network',
    source: address(source),
    destination: address(destination),
    protocol: numbers[protocol],
    sourcePort,
    destinationPort,
    inInterface: origin === 'router' ? undefined : 'eth0',
    outInterface: 'eth1',
  };
}

/** All that the dump does not know of this network. */
function knownFacts(family: Family, sets: Assumptions['sets']): Assumptions {
  const [onLinks, onLo] = ADDRESSES[family].router.map(address);
  return {
    localAddresses: ADDRESSES[family].router.map(address),
    interfaceAddress: (name) => (name === 'lo' ? onLo : onLinks),
    sets,
  };
}

function predict(packet: RawPacket, rules: RandomRules, ruleset: Ruleset, facts: Assumptions): readonly Prediction[] {
  const traced = tracePacketOf(packet, rules);
  const first = trace(ruleset, traced, facts);
  const reply = traceReply(ruleset, traced, facts);
  for (const { open, gaveUp } of [first, reply]) {
    assert.deepEqual(
      open.map((question) => question.yes),
      [],
      'nothing is unknown here',
    );
    assert.equal(gaveUp, false);
  }
  return first.outcomes.flatMap((outcome) => {
    if (!answers(outcome, packet, rules.family)) return [predictionOf([outcome], packet, ruleset)];
    const back = reply.outcomes.filter((one) => sameSteps(one.first?.steps ?? [], outcome.steps));
    assert.ok(back.length > 0, 'a reply to each packet that arrives');
    return back.map((one) => predictionOf([outcome, one], packet, ruleset));
  });
}

function sameSteps(a: readonly Step[], b: readonly Step[]): boolean {
  return a.length === b.length && a.every((step, i) => step.rule === b[i]?.rule);
}

/** A kernel answers SYNs and pings to its addresses by a packet of the same connection; datagrams by an ICMP error, which no rule counts. */
function answers({ fate }: TraceOutcome, { protocol }: RawPacket, family: Family): boolean {
  if (protocol === 'udp' || !('address' in fate)) return false;
  const { server, router } = ADDRESSES[family];
  const there: readonly string[] = fate.kind === 'delivered' ? ['127.0.0.1', '::1', ...router] : server;
  return there.includes(addressText(fate.address));
}

function predictionOf(outcomes: readonly TraceOutcome[], packet: RawPacket, ruleset: Ruleset): Prediction {
  const [first] = outcomes;
  assert.ok(first !== undefined);
  const { fate } = first;
  const server: string[] = [];
  if (fate.kind === 'forwarded' || fate.kind === 'sent') {
    const to = addressText(fate.address);
    const source = addressText(first.source);
    server.push(
      packet.protocol === 'ping' ? `to ${to} ping` : `to ${to} ${packet.protocol} ${fate.port ?? ''}`,
      `from ${source}`,
    );
  }
  const refusal = fate.kind === 'rejected' ? [fate.with] : [];
  return {
    router: outcomes.flatMap(({ steps }) => placesOf(steps, ruleset)).toSorted(),
    server: server.toSorted(),
    client: refusal,
  };
}

/** Errors and neighbours pass by the first rules of the built-in chains. */
function isGuard(key: string, family: Family): boolean {
  const [table = '', chain = '', place] = key.split(' ');
  return table !== 'nat' && !chain.includes('-') && Number(place) <= guards(family, chain).length;
}

function listOf(counts: Counts): readonly string[] {
  return [...counts]
    .filter(([key]) => key !== '')
    .flatMap(([key, count]) => Array.from({ length: count }, () => key))
    .toSorted();
}

/** What of an observation a prediction speaks of. Refusals of the server or of closed ports are no business of rules. */
function seen(observed: Observed, { client }: Prediction, { origin, family, text }: RandomRules): Prediction {
  const router = listOf(observed.router).filter((key) => !isGuard(key, family));
  // The reset of REJECT passes the router's hooks itself, with a state that it has from the refused packet.
  const isReset = client[0] === 'tcp-reset';
  const mayBeDropped = isReset && /^-A POST\S* .*-j DROP$/m.test(text);
  const isSeen = origin === 'client' && client.length > 0 && !mayBeDropped;
  return {
    router: isReset ? router.filter((key) => !/ (?:POST|OUTPUT)/.test(key)) : router,
    server: listOf(observed.server),
    client: isSeen ? listOf(observed.client) : client,
  };
}

/** No rules; policies would stay otherwise. */
const FLUSH = ['raw', 'mangle', 'nat', 'filter']
  .map(
    (table) => `*${table}\n${(builtInChains.get(table) ?? []).map((chain) => `:${chain} ACCEPT\n`).join('')}COMMIT\n`,
  )
  .join('');

class Trial {
  readonly #lab: Lab;
  readonly #variant: Variant;
  sent = 0;
  #port = 20_000;

  constructor(lab: Lab, variant: Variant) {
    this.#lab = lab;
    this.#variant = variant;
  }

  async run(seed: number, random: boolean): Promise<void> {
    const dice = new Dice(seed);
    const family = dice.chance(0.35) ? 'ipv6' : 'ipv4';
    const rules = randomRules(dice, family, dice.chance(0.35) ? 'router' : 'client', random);
    await this.#load(rules);
    const { sets } = parseIpsetSave(
      await runScript(hostRunner, `ip netns exec ${this.#lab.namespaceOf('router')} ipset save`),
    );
    let before = await this.#observe(rules.family, '');
    for (let i = 0; i < PACKETS; i++) {
      this.#port = 20_000 + ((this.#port + 17 - 20_000) % 40_000);
      const packet = randomPacket(dice, rules, this.#port);
      before = await this.#try(packet, rules, before, sets, seed);
    }
  }

  async #load(rules: RandomRules): Promise<void> {
    const router = this.#lab.on('router');
    for (const family of ['ipv4', 'ipv6'] as const) await restoreRules(router, family, this.#variant, FLUSH);
    const inet = rules.family === 'ipv4' ? 'inet' : 'inet6';
    const { client, server, virtual } = ADDRESSES[rules.family];
    const entries = [
      `${virtual[0]},tcp:80`,
      `${server[0]},udp:53`,
      `${client[0]},tcp:80`,
      `${server[1]},tcp:8080`,
      `${virtual[1]},udp:9090`,
    ];
    const script = [
      `destroy`,
      `create ${SET} hash:ip,port family ${inet}`,
      ...entries.map((entry) => `add ${SET} ${entry}`),
    ];
    await router.run('ipset', ['restore'], { input: `${script.join('\n')}\n` });
    await restoreRules(router, rules.family, this.#variant, rules.text);
  }

  async #observe(family: Family, before: string): Promise<{ readonly text: string } & Observed> {
    const lab = this.#lab;
    const script = [
      before,
      saveCommand(lab, 'router', family, this.#variant),
      'echo =====',
      saveCommand(lab, 'server', family, 'nft'),
      'echo =====',
      saveCommand(lab, 'client', family, 'nft'),
    ];
    const output = await runScript(hostRunner, script.filter((line) => line !== '').join('\n'));
    const [text = '', server = '', client = ''] = output.split('=====\n');
    return {
      text,
      router: countsOf(text, byPlace),
      server: countsOf(server, byComment),
      client: countsOf(client, byComment),
    };
  }

  async #try(
    packet: RawPacket,
    rules: RandomRules,
    before: { readonly text: string } & Observed,
    sets: Assumptions['sets'],
    seed: number,
  ): Promise<{ readonly text: string } & Observed> {
    const { ruleset } = parseIptablesSave(before.text, { family: rules.family });
    const predictions = predict(packet, rules, ruleset, knownFacts(rules.family, sets));
    const namespace = this.#lab.namespaceOf(rules.origin);
    const send = `ip netns exec ${namespace} bash -c '${sendCommand(packet).replaceAll("'", `'"'"'`)}'`;
    let after = await this.#observe(rules.family, send);
    const agrees = (): boolean => predictions.some((one) => isEqual(one, seen(since(after, before), one, rules)));
    // The answer may still be on its way, and a neighbour that is to be looked for twice takes a second.
    for (const wait of ['0.02', '0.1', '1.3'])
      if (!agrees()) after = await this.#observe(rules.family, `sleep ${wait}`);
    this.sent += 1;
    if (!agrees()) {
      const [one] = predictions;
      assert.ok(one !== undefined);
      const where = `TRACE_SEED for this rule set: ${seed}, ${this.#variant}, ${rules.origin}, ${JSON.stringify(packet)}\n${before.text}`;
      assert.deepEqual(seen(since(after, before), one, rules), one, where);
      assert.fail(`none of ${predictions.length} predictions: ${where}`);
    }
    return after;
  }
}

function since(after: Observed, before: Observed): Observed {
  return {
    router: difference(after.router, before.router),
    server: difference(after.server, before.server),
    client: difference(after.client, before.client),
  };
}

function isEqual(a: Prediction, b: Prediction): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

const SERVERS = ADDRESSES.ipv4.server;
const CHANCE = '-m statistic --mode random';

/** Rules that send datagrams to the first virtual address here or there by chance. */
const LOTTERIES: Readonly<Record<string, readonly string[]>> = {
  'a chain of even choices': [
    ':PICK - [0:0]',
    '-A PREROUTING -p udp -j PICK',
    ...['0.25', '0.33333333349', '0.5', '1'].map(
      (probability, i) =>
        `-A PICK ${CHANCE} --probability ${probability} -p udp -j DNAT --to-destination ${SERVERS[i % 2] ?? ''}:${i < 2 ? 53 : 80}`,
    ),
  ],
  'two chances in one rule, and a negated one': [
    `-A PREROUTING -p udp ${CHANCE} --probability 0.6 ${CHANCE} ! --probability 0.25 -j DNAT --to-destination ${SERVERS[0]}:53`,
    `-A PREROUTING -p udp ${CHANCE} ! --probability 0.7 -j DNAT --to-destination ${SERVERS[1]}:53`,
    `-A PREROUTING -p udp -j DNAT --to-destination ${SERVERS[0]}:8080`,
  ],
  'ways that part and meet again': [
    ':LEFT - [0:0]',
    ':RIGHT - [0:0]',
    `-A PREROUTING ${CHANCE} --probability 0.3 -j LEFT`,
    '-A PREROUTING -m mark --mark 0x0 -g RIGHT',
    `-A PREROUTING -p udp -m mark --mark 0x1 -j DNAT --to-destination ${SERVERS[0]}:53`,
    `-A LEFT ${CHANCE} --probability 0.5 -j MARK --set-mark 0x1`,
    '-A LEFT -j RETURN',
    `-A RIGHT -p udp ${CHANCE} --probability 0.4 -j DNAT --to-destination ${SERVERS[1]}:9090`,
    `-A RIGHT -p udp -m mark ! --mark 0x1 -j DNAT --to-destination ${SERVERS[1]}:80`,
  ],
};

const DATAGRAMS = 800;

/** Sends many datagrams, each the first of a connection, and tests their ends against the shares of the trace by chi-square. */
async function compareShares(lab: Lab, variant: Variant, lines: readonly string[]): Promise<void> {
  const router = lab.on('router');
  const [chains, rules] = [lines.filter((line) => line.startsWith(':')), lines.filter((line) => !line.startsWith(':'))];
  await restoreRules(router, 'ipv4', variant, `${FLUSH}*nat\n${[...chains, ...rules].join('\n')}\nCOMMIT\n`);
  const { ruleset } = parseIptablesSave(await saveRules(router, 'ipv4', variant));
  const [to] = ADDRESSES.ipv4.virtual;
  const packet: RawPacket = {
    protocol: 'udp',
    source: ADDRESSES.ipv4.client[0],
    destination: to,
    sourcePort: 20_000,
    destinationPort: 80,
  };
  const { outcomes } = trace(ruleset, tracePacketOf(packet, { family: 'ipv4', origin: 'client', text: '' }));
  const shares = new Map<string, number>();
  for (const { fate, weight } of outcomes) {
    const [only, ...more] = weight;
    assert.ok('address' in fate && only?.share !== undefined && more.length === 0 && only.conditions.length === 0);
    const end = `to ${addressText(fate.address)} udp ${fate.port ?? ''}`;
    shares.set(end, (shares.get(end) ?? 0) + shareNumber(only.share));
  }
  const save = saveCommand(lab, 'server', 'ipv4', 'nft');
  const before = countsOf(await runScript(hostRunner, save), byComment);
  // Each redirection opens a socket of its own.
  const send = `for i in $(seq ${DATAGRAMS}); do echo x > /dev/udp/${to}/80; done 2> /dev/null`;
  // A socket may get a port that one before had.
  await router.run('conntrack', ['-F']);
  await runScript(lab.on('client'), send);
  const after = countsOf(await runScript(hostRunner, `sleep 0.05; ${save}`), byComment);
  const counts = [...difference(after, before)].filter(([key]) => key.startsWith('to '));
  assert.deepEqual(counts.map(([key]) => key).toSorted(), [...shares.keys()].toSorted());
  assert.equal(
    counts.reduce((sum, [, count]) => sum + count, 0),
    DATAGRAMS,
  );
  const statistic = counts.reduce((sum, [key, count]) => {
    const expected = (shares.get(key) ?? 0) * DATAGRAMS;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  const pValue = chiSquareTail(statistic, counts.length - 1);
  assert.ok(pValue > 1e-6, `p = ${pValue}: ${JSON.stringify(counts)} for ${JSON.stringify([...shares])}`);
}

describe('a trace and the kernel', () => {
  before(async function () {
    requireKernel(this);
    await removeAbandonedLabs(hostRunner, PREFIX);
  });

  for (const variant of ['nft', 'legacy'] as const) {
    describe(`with iptables-${variant}`, () => {
      let lab: Lab | undefined;
      before(async () => {
        lab = await buildTraceNet(PREFIX);
      });
      after(async () => {
        await lab?.remove();
      });

      it(`agree about ${RULE_SETS * PACKETS} packets in random rule sets`, async function () {
        this.timeout(300_000);
        assert.ok(lab !== undefined);
        const trial = new Trial(lab, variant);
        const only = process.env['TRACE_SEED'] !== undefined;
        for (let i = 0; i < (only ? 1 : RULE_SETS); i++) await trial.run(SEED + i, i % 4 === 3);
        if (!only) assert.equal(trial.sent, RULE_SETS * PACKETS);
      });

      for (const [name, lines] of Object.entries(LOTTERIES)) {
        it(`agree about how likely each end is: ${name}`, async function () {
          this.timeout(60_000);
          assert.ok(lab !== undefined);
          await compareShares(lab, variant, lines);
        });
      }
    });
  }
});
