import type { IpvsMatch } from '../../../ruleset/match.ts';
import { ask, negate, type Answer, type Scene } from '../answer.ts';
import { matchesNetwork } from './addresses.ts';

/**
 * ipvs_mt (xt_ipvs.c). What comes from clients has its connection as soon as IPVS has chosen a real server for it; everything but `--ipvs`
 * is false before. Whose reply it is such a rule does not find.
 */
export function matchesIpvs(match: IpvsMatch, text: string, scene: Scene): Answer[] {
  const { handled, connection } = scene.course;
  if (scene.assumptions.ipvs === undefined) return asked(match, text);
  const answers: Answer[] = [];
  if (match.ipvs !== undefined) answers.push(handled !== match.ipvs.negated);
  if (!asksMore(match)) return answers;
  const { ipvs, direction } = connection;
  if (!handled || ipvs === undefined || direction === 'REPLY') return [...answers, false];
  return [...answers, ...connectionAnswers(match, scene, ipvs)];
}

function asksMore({ kind: _kind, ipvs: _ipvs, ...more }: IpvsMatch): boolean {
  return Object.values(more).some((value) => value !== undefined);
}

function connectionAnswers(
  { protocol, address, port, direction, method, controlPort }: IpvsMatch,
  { course: { header } }: Scene,
  { virtual }: NonNullable<Scene['course']['connection']['ipvs']>,
): Answer[] {
  const answers: Answer[] = [];
  if (protocol !== undefined) answers.push((protocol.number === header.protocol) !== protocol.negated);
  if (address !== undefined) answers.push(matchesNetwork(virtual.destination, address));
  if (port !== undefined) answers.push(((virtual.destinationPort ?? 0) === port.value) !== port.negated);
  if (direction !== undefined) answers.push((direction.value === 'ORIGINAL') !== direction.negated);
  // `-m`: IP_VS_CONN_F_MASQ, `-i`, `-g`; only masquerading is followed here.
  if (method !== undefined) answers.push((method.value === 'MASQ') !== method.negated);
  // The port of the connection that controls this one: FTP's, which is not followed.
  if (controlPort !== undefined) answers.push(controlPort.negated);
  return answers;
}

function asked(match: IpvsMatch, text: string): Answer[] {
  if (!asksMore(match)) {
    const question = {
      key: 'ipvs',
      subject: 'ipvs',
      yes: 'IPVS has a connection for it',
      no: 'IPVS has no connection for it',
    };
    return [negate(ask({ kind: 'ipvs', ...question }), match.ipvs?.negated ?? false)];
  }
  const [yes, no] = [`it matches ${text}`, `it does not match ${text}`];
  return [ask({ kind: 'ipvs', key: `ipvs ${text}`, subject: 'ipvs', yes, no })];
}
