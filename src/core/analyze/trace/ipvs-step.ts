// IPVS in the way of a packet (ip_vs_ops in ip_vs_core.c): it takes packets for virtual servers behind the filter of INPUT, and in OUTPUT
// behind nat and before filter. What goes to a real server on another node passes OUTPUT once more, from its beginning, and leaves by
// POSTROUTING; FORWARD never sees it. Replies get the address of the virtual server back at the same places, and behind FORWARD.
import { addShares, ALL, compareShares, NONE, restOf, type Share } from './share.ts';
import { serverShares, type ServerShare } from '../ipvs/server-shares.ts';
import { connectionPort, refusesAll } from '../../ruleset/connection-port.ts';
import { virtualServerKey, type VirtualServer } from '../../ruleset/virtual-server.ts';
import { addressOf, endpointText, sameAddress, type Address } from './address.ts';
import type { Ended } from './apply-target.ts';
import { withStep, type Course, type Effect, type HookName, type Step } from './course.ts';
import { hasPorts, PROTOCOL, TCP } from './packet.ts';
import type { Question } from './question.ts';
import type { ChainRunner } from './run-chain.ts';
import { portUnreachable } from '../../ruleset/port-unreachable.ts';
import { protocolText } from '../../ruleset/protocols.ts';
import { isInKubeSet } from './ipvs-knowledge.ts';
import { splitCourse } from './split-course.ts';
import { splitByChance } from './weight.ts';

/** What IPVS makes of courses. */
export interface IpvsResult {
  /** Of no virtual server: to the next table. */
  readonly passed: readonly Course[];
  /** With a real server as their destination. */
  readonly taken: readonly Course[];
  readonly ended: readonly Ended[];
}

type Open = { readonly [K in keyof IpvsResult]: IpvsResult[K][number][] };

/** At INPUT and OUTPUT. */
export function askIpvs(runner: ChainRunner, hook: HookName, courses: readonly Course[]): IpvsResult {
  const result: Open = { passed: [], taken: [], ended: [] };
  for (const course of courses) ask(runner, hook, course, result);
  return result;
}

function ask(runner: ChainRunner, hook: HookName, course: Course, to: Open): void {
  const { ipvs } = course.connection;
  if (course.handled || course.connection.direction === 'REPLY') to.passed.push(course);
  else if (ipvs !== undefined) to.taken.push(translated(course, hook, ipvs.server, ipvs.real, undefined));
  else if (runner.asker.assumptions.ipvs === undefined) askUnknown(runner, hook, course, to);
  else lookUp(runner, hook, course, to);
}

function lookUp({ asker }: ChainRunner, hook: HookName, course: Course, to: Open): void {
  const { header, mark } = course;
  const { destination } = header;
  const server =
    destination === 'own' || !hasPorts(header.protocol) || header.fragment
      ? undefined
      : asker.assumptions.ipvs?.find({
          protocol: header.protocol,
          ip: destination,
          port: header.destinationPort ?? 0,
          mark,
        });
  if (server === undefined) {
    to.passed.push(course);
    return;
  }
  const [begins, goesOn] = splitByBeginning(course, asker);
  if (goesOn !== undefined) to.passed.push(goesOn);
  if (begins !== undefined) schedule(begins, hook, server, to);
}

/** tcp_conn_schedule (ip_vs_proto_tcp.c): only a SYN begins a connection; the rest is left to the node, which knows no such connection. */
function splitByBeginning(
  course: Course,
  asker: ChainRunner['asker'],
): readonly [Course | undefined, Course | undefined] {
  const { protocol, tcpFlags } = course.header;
  if (protocol !== PROTOCOL.tcp) return [course, undefined];
  if (tcpFlags !== undefined) return (tcpFlags & TCP.syn) !== 0 ? [course, undefined] : [undefined, course];
  const question: Question = {
    kind: 'connection',
    key: 'syn',
    subject: 'SYN',
    yes: 'it is a SYN',
    no: 'it is no SYN',
    place: undefined,
  };
  return splitCourse(course, question, asker);
}

function schedule(course: Course, hook: HookName, server: VirtualServer, to: Open): void {
  const shares = serverShares(server);
  // ip_vs_leave (ip_vs_core.c): whatever the protocol.
  if (shares.length === 0) {
    const why = refusesAll(server)
      ? 'the virtual server is for all ports, which IPVS serves with persistence only'
      : 'the virtual server has no real server that takes connections';
    const step = stepOf(hook, server, { kind: 'reject', with: portUnreachable(course.header.family), why }, undefined);
    to.ended.push({ course: withStep(course, step), verdict: 'reject' });
    return;
  }
  let rest: Course | undefined = course;
  let before = NONE;
  for (const share of shares) {
    if (rest === undefined) return;
    const ofAll = shareOf(share);
    const [mine, others]: readonly [Course | undefined, Course | undefined] = part(rest, ofAll, restOf(before));
    before = addShares(before, ofAll);
    rest = others;
    if (mine !== undefined) give(mine, hook, server, { share, among: shares.length }, to);
  }
}

function shareOf({ part: units, whole }: ServerShare): Share {
  return { units: BigInt(units), bits: 0, divisor: BigInt(whole) };
}

/** Of what is left of the whole (`left`), so much of the whole. */
function part(course: Course, ofAll: Share, left: Share): readonly [Course | undefined, Course | undefined] {
  if (compareShares(ofAll, left) >= 0) return [course, undefined];
  const ofLeft: Share = { units: ofAll.units * left.divisor, bits: 0, divisor: ofAll.divisor * left.units };
  const [mine, others] = splitByChance(course.weight, ofLeft);
  return [mine && { ...course, weight: mine }, others && { ...course, weight: others }];
}

function give(
  course: Course,
  hook: HookName,
  server: VirtualServer,
  { share, among }: { readonly share: ServerShare; readonly among: number },
  to: Open,
): void {
  const { ip, forwarding } = share.server;
  if (forwarding !== 'masquerade') {
    const effect: Effect = {
      kind: 'unknown',
      name: `IPVS, which does not masquerade here (${forwarding}),`,
      goesOn: false,
    };
    to.ended.push({ course: withStep(course, stepOf(hook, server, effect, undefined)), verdict: 'unknown' });
    return;
  }
  const { scheduler, persistence } = server;
  const chosen = { scheduler, among, stays: persistence?.seconds };
  const port = connectionPort(server, share.server, course.header.destinationPort ?? 0);
  to.taken.push(
    translated(
      course,
      hook,
      server,
      { address: addressOf(ip), port },
      chosen,
      among === 1 ? undefined : shareOf(share),
    ),
  );
}

function translated(
  course: Course,
  hook: HookName,
  server: VirtualServer,
  real: { readonly address: Address; readonly port: number },
  chosen: Extract<Effect, { kind: 'ipvs' }>['chosen'],
  chance?: Share,
): Course {
  const { header, connection } = course;
  const { destination, destinationPort } = header;
  const step = stepOf(hook, server, { kind: 'ipvs', ...real, chosen }, chance);
  const changed: Course = {
    ...course,
    handled: true,
    header: { ...header, destination: real.address, destinationPort: real.port },
    connection: { ...connection, ipvs: { server, virtual: { destination, destinationPort }, real } },
  };
  return withStep(changed, step);
}

/** `tcp 10.96.0.1:443` stands where other steps have a chain. */
function stepOf(hook: HookName, server: VirtualServer, effect: Effect, chance: Share | undefined): Step {
  const whole = chance !== undefined && compareShares(chance, ALL) === 0;
  const chain = virtualServerKey(server);
  return { hook, table: 'ipvs', chain, rule: undefined, effect, chance: whole ? undefined : chance, conditions: [] };
}

/** Rules of the ipvs mode, and nobody has said what virtual servers there are. */
function askUnknown(runner: ChainRunner, hook: HookName, course: Course, to: Open): void {
  const { header } = course;
  const isIpvs = runner.hasRules('nat', 'KUBE-NODE-PORT') || runner.hasRules('filter', 'KUBE-IPVS-FILTER');
  if (!isIpvs || !hasPorts(header.protocol) || header.destination === 'own') {
    to.passed.push(course);
    return;
  }
  const { sets } = runner.asker.assumptions;
  const what = `${protocolText(header.protocol)} ${endpointText(header.destination, header.destinationPort)}`;
  const likely = sets === undefined ? undefined : isInKubeSet(course.header, sets);
  const question: Question = {
    kind: 'virtual-server',
    key: `virtual-server ${what}`,
    subject: what,
    yes: `IPVS has a virtual server for ${what}`,
    no: `IPVS has no virtual server for ${what}`,
    place: undefined,
    ...(likely === undefined ? {} : { likely }),
  };
  const [yes, no] = splitCourse(course, question, runner.asker);
  if (no !== undefined) to.passed.push(no);
  if (yes === undefined) return;
  const effect: Effect = { kind: 'unknown', name: 'IPVS', goesOn: false };
  const step: Step = { hook, table: 'ipvs', chain: what, rule: undefined, effect, chance: undefined, conditions: [] };
  to.ended.push({ course: withStep(yes, step), verdict: 'unknown' });
}

/** A reply of a real server: handle_response (ip_vs_core.c) gives it the address that the client knows. */
export function answerForIpvs(hook: HookName, course: Course): Course {
  const { connection, header, handled } = course;
  const { ipvs, direction } = connection;
  if (handled || ipvs === undefined || direction !== 'REPLY' || !sameAddress(header.source, ipvs.real.address))
    return course;
  const { destination: address, destinationPort: port } = ipvs.virtual;
  const step: Step = {
    hook,
    table: 'ipvs',
    chain: virtualServerKey(ipvs.server),
    rule: undefined,
    effect: { kind: 'source', address, port },
    chance: undefined,
    conditions: [],
  };
  return withStep({ ...course, handled: true, header: { ...header, source: address, sourcePort: port } }, step);
}
