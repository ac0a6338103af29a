// The ipvs mode by netlink: each datagram to the kernel, and each answer, goes wrong once in each way it can. Sets, addresses and rules are the
// kernel's own; virtual servers too where a kernel has them (test/uml), here they are a stand-in's that speaks the same messages.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import { HostError } from '../../src/host/host-error.ts';
import { ApplyFailed } from '../../src/host/iptables/apply-failed.ts';
import { KernelSockets, type OpenSocket } from '../../src/host/ipvs/kernel-sockets.ts';
import { NetlinkExecutor } from '../../src/host/ipvs/netlink-executor.ts';
import { IPVS_CMD } from '../../src/host/netlink/ipvs/constants.ts';
import { openTransport } from '../../src/host/netlink/koffi/koffi-transport.ts';
import { loadLibc } from '../../src/host/netlink/koffi/libc.ts';
import { socketOver } from '../../src/host/netlink/socket.ts';
import { compiledCase } from '../support/ipvs-reference.ts';
import { faultyLibc, kindOf, netlinkFaults, type NetlinkCall, type NetlinkFault } from './support/faulty-libc.ts';
import { IpvsModeNode } from './support/ipvs-mode-node.ts';
import { requireKernel } from './support/requirements.ts';

const PREFIX = 'chainsmith-nlfault';
const OLD = 'loadbalancer-local';
const NEW = 'nodeport-local';
const VARIANT = 'nft';
/** Of one answer: the kernel gives it at once. */
const ANSWER_MS = 100;

/** The kernel in which one datagram goes wrong. */
class FaultyKernel {
  readonly folder: string = mkdtempSync(join(tmpdir(), `${PREFIX}-`));
  readonly kube: NetlinkExecutor;
  calls: NetlinkCall[] = [];
  fault: { readonly at: number; readonly how: NetlinkFault } | undefined;
  /** What another program does before a datagram. */
  meddling: { readonly at: number; readonly act: () => void } | undefined;

  constructor(namespacePath: string | undefined) {
    const onSend = (call: NetlinkCall): NetlinkFault | undefined => {
      const number = this.calls.push(call) - 1;
      if (number === this.meddling?.at) this.meddling.act();
      return number === this.fault?.at ? this.fault.how : undefined;
    };
    const libc = faultyLibc(loadLibc(), { folder: this.folder, onSend });
    const open: OpenSocket = (protocol) =>
      socketOver(openTransport(libc, protocol, { namespacePath }), { timeoutMs: ANSWER_MS });
    this.kube = new NetlinkExecutor(new KernelSockets(open));
  }

  remove(): void {
    this.kube.close();
    rmSync(this.folder, { recursive: true });
  }
}

const TRANSITIONS: readonly (readonly [title: string, from: readonly CompiledRules[], to: readonly CompiledRules[]])[] =
  [
    ['from the iptables mode', compiledCase(OLD, 'iptables'), compiledCase(OLD)],
    ['from one state to another', compiledCase(OLD), compiledCase(NEW)],
    ['to the iptables mode', compiledCase(NEW), compiledCase(NEW, 'iptables')],
  ];

/** Of what is no fault to an executor that does as netlink(7) says. */
const HARMLESS: ReadonlySet<NetlinkFault> = new Set<NetlinkFault>(['torn', 'stranger', 'interrupted']);

function appliesTo(how: NetlinkFault, { isDump }: NetlinkCall): boolean {
  return isDump || (how !== 'torn' && how !== 'always-torn');
}

function isHarmless(how: NetlinkFault, { isDump }: NetlinkCall): boolean {
  return HARMLESS.has(how) || (how === 'lost' && isDump);
}

interface Trial {
  readonly at: number;
  readonly how: NetlinkFault;
  readonly call: NetlinkCall;
}

/** What a reading can meet; it is the same reading whatever is to be changed. */
const OF_READING: ReadonlySet<NetlinkFault> = new Set<NetlinkFault>(['refused', 'lost', 'cut', 'always-torn']);

/**
 * Of each kind of request the last one in all ways, as most is changed by then.
 *
 * @param isFull the others too, in one way each, one after the other
 */
function trialsOf(calls: readonly NetlinkCall[], isFull: boolean): readonly Trial[] {
  const last = new Map(calls.map((call, at) => [kindOf(call), at]));
  return calls.flatMap((call, at) => {
    const ways = netlinkFaults.filter((how) => appliesTo(how, call));
    const isLast = last.get(kindOf(call)) === at;
    const chosen = ways.filter((how, i) =>
      isLast ? isFull || !call.isDump || OF_READING.has(how) : isFull && i === at % ways.length,
    );
    return chosen.map((how) => ({ at, how, call }));
  });
}

class Trials {
  readonly counts = { old: 0, next: 0 };
  readonly #node: IpvsModeNode;
  readonly #kernel: FaultyKernel;
  #from: readonly CompiledRules[] = [];
  #to: readonly CompiledRules[] = [];
  #old: unknown;
  #next: unknown;

  constructor(node: IpvsModeNode, kernel: FaultyKernel) {
    this.#node = node;
    this.#kernel = kernel;
  }

  /** Goes there and back without a fault; gives the datagrams of the way there. */
  async record(from: readonly CompiledRules[], to: readonly CompiledRules[]): Promise<readonly NetlinkCall[]> {
    [this.#from, this.#to] = [from, to];
    await this.#apply(from);
    this.#old = await this.#state();
    this.#kernel.calls = [];
    await this.#apply(to);
    const { calls } = this.#kernel;
    this.#kernel.calls = [];
    this.#next = await this.#state();
    assert.notDeepEqual(this.#old, this.#next);
    await this.#apply(from);
    assert.deepEqual(await this.#state(), this.#old);
    return calls;
  }

  async run({ at, how, call }: Trial): Promise<void> {
    const title = `${how} of datagram ${at}, ${kindOf(call)}`;
    this.#kernel.calls = [];
    this.#kernel.fault = { at, how };
    const failure = await this.#apply(this.#to).then(
      () => undefined,
      (error: unknown) => error,
    );
    this.#kernel.fault = undefined;
    assert.ok(this.#kernel.calls.length > at, `${title} was not met`);
    assert.equal(failure === undefined, isHarmless(how, call), `${title}: ${String(failure)}`);
    if (failure === undefined) {
      this.counts.next += 1;
      assert.deepEqual(await this.#state(), this.#next, title);
      await this.#apply(this.#from);
    } else {
      this.counts.old += 1;
      if (!(failure instanceof HostError)) throw failure;
      const kind = failure instanceof ApplyFailed ? failure.outcome.kind : 'unchanged';
      assert.notEqual(kind, 'not-restored', `${title}: ${failure.details.join()}`);
    }
    assert.deepEqual(await this.#state(), this.#old, title);
  }

  async #apply(desired: readonly CompiledRules[]): Promise<void> {
    await this.#node.apply(desired, { kube: this.#kernel.kube, variant: VARIANT });
  }

  async #state(): Promise<unknown> {
    return await this.#node.state(this.#kernel.kube, VARIANT);
  }
}

/** IPSET_CMD_LIST of a netfilter socket: the number of ipset's subsystem, 6, before that of the command, 7. */
const LIST_SETS = 'netfilter 1543';

describe('apply in ipvs mode by netlink, with faults, in the kernel', function () {
  this.timeout(400_000);
  let node: IpvsModeNode;
  let kernel: FaultyKernel;

  before(function () {
    requireKernel(this);
  });
  beforeEach(async () => {
    node = await IpvsModeNode.create(PREFIX);
    kernel = new FaultyKernel(node.path);
  });
  afterEach(async () => {
    kernel.remove();
    await node.remove();
  });

  for (const [i, [title, from, to]] of TRANSITIONS.entries()) {
    // The way on which the fewest sets are made: the kernel takes its time to destroy one.
    const isFull = i === 1;
    it(`leaves old or new: ${title}`, async () => {
      const trials = new Trials(node, kernel);
      const calls = await trials.record(from, to);
      for (const trial of trialsOf(calls, isFull)) await trials.run(trial);
      const { old, next } = trials.counts;
      console.log(`      ${old + next} faults: ${old} left the old state, ${next} the new one`);
      assert.ok(old >= (isFull ? 120 : 60) && next >= (isFull ? 40 : 10), `${old}, ${next}`);
    });
  }

  const MEDDLINGS: readonly (readonly [what: string, kind: string, act: () => void])[] = [
    ['virtual servers', `generic 33 ${IPVS_CMD.GET_SERVICE}`, () => writeFileSync(join(kernel.folder, 'servers'), '')],
    [
      'a set',
      LIST_SETS,
      () => void execFileSync('ip', ['netns', 'exec', node.name, 'ipset', 'flush', 'KUBE-CLUSTER-IP']),
    ],
  ];
  for (const [what, kind, act] of MEDDLINGS) {
    it(`says so when another program empties ${what} meanwhile, and the next apply mends it`, async () => {
      const context = { kube: kernel.kube, variant: VARIANT } as const;
      const [, [, from, to] = []] = TRANSITIONS;
      assert.ok(from !== undefined && to !== undefined);
      const calls = await new Trials(node, kernel).record(from, to);
      await node.apply(to, context);
      const next = await node.state(kernel.kube, VARIANT);
      await node.apply(from, context);
      kernel.calls = [];
      // Before the last reading of it; sets are read one by one.
      const kinds = calls.map(kindOf);
      let at = kinds.lastIndexOf(kind);
      while (kinds[at - 1] === kind) at -= 1;
      kernel.meddling = { at, act };
      await assert.rejects(node.apply(to, context), (error: unknown) => {
        assert.ok(error instanceof ApplyFailed, String(error));
        assert.match(error.message, /the node does not have them/);
        return true;
      });
      kernel.meddling = undefined;
      await node.apply(to, context);
      assert.deepEqual(await node.state(kernel.kube, VARIANT), next);
    });
  }
});
