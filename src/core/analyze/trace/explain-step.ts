import { hex } from '../../ruleset/print-values.ts';
import { addressText, endpointText } from './address.ts';
import { schedulerWords } from '../ipvs/scheduler-words.ts';
import type { Effect, Step } from './course.ts';
import { explainFirewall, explainPostrouting } from './explain-kube-chains.ts';
import { markMeaning } from './kube-marks.ts';
import { serviceChainOf } from '../kube/service-chain.ts';
import { serviceComment } from './service-comment.ts';
import { evenShare, shareNumber, type Share } from './share.ts';

/** A sentence without its full stop: what a rule that matched did, in Kubernetes' words where it is kube-proxy's. */
export function explainStep(step: Step): string {
  const kube = step.rule === undefined ? undefined : explainKube(step);
  const text = kube ?? explainEffect(step.effect, step);
  const conditions = step.conditions.map(({ question, answer }) => (answer ? question.yes : question.no));
  return conditions.length === 0 ? text : `${text}, if ${conditions.join(' and ')}`;
}

function explainKube({ chain, effect, rule, chance, into }: Step): string | undefined {
  const comment = rule === undefined ? undefined : serviceComment(rule.rule);
  const service = comment?.service ?? 'a Service';
  if (effect.kind === 'jump' || effect.kind === 'goto')
    return effect.chain === 'KUBE-FIREWALL'
      ? explainFirewall(into)
      : explainJump(effect.chain, chain, service, comment?.what, chance);
  if (effect.kind === 'dnat' && serviceChainOf(chain)?.role === 'endpoint') {
    return `the destination becomes ${endpointText(effect.address, effect.port)}, an endpoint of ${service}`;
  }
  if (effect.kind === 'reject' && comment !== undefined)
    return `refused with ${effect.with}: ${service} ${comment.what}`;
  if (effect.kind === 'drop' && comment !== undefined) return `dropped without an answer: ${service} ${comment.what}`;
  if (effect.kind === 'mark')
    return markMeaning(chain) === undefined
      ? undefined
      : `the packet is marked ${hex(effect.after)}: ${markMeaning(chain)}`;
  return chain === 'KUBE-POSTROUTING' ? explainPostrouting(effect, rule?.rule) : undefined;
}

function explainJump(
  to: string,
  from: string,
  service: string,
  what: string | undefined,
  chance: Share | undefined,
): string | undefined {
  const meaning = markMeaning(to);
  if (meaning !== undefined) return `the packet is ${meaning}${what === undefined ? '' : ` on its way to ${service}`}`;
  switch (serviceChainOf(to)?.role) {
    case 'cluster':
    case 'local': {
      const local = serviceChainOf(to)?.role === 'local' ? ' on this node' : '';
      return what === undefined || what === ''
        ? `it is for the endpoints of ${service}${local}`
        : `the destination is the ${what} of ${service}: one of its endpoints${local} is to be chosen`;
    }
    case 'external':
    case 'old-external':
      return `the destination is ${what === '' || what === undefined ? 'a node port' : `the ${what}`} of ${service}, which may be used from outside`;
    case 'firewall':
      return `the destination is the ${what ?? 'loadbalancer IP'} of ${service}, which is limited to source ranges`;
    case 'endpoint': {
      const endpoint = /^-> (.*)$/.exec(what ?? '')?.[1];
      const chosen = `an endpoint of ${service} is chosen${endpoint === undefined ? '' : `, ${endpoint}`}`;
      return chance === undefined ? chosen : `by chance (${chanceText(chance)} of what comes here) ${chosen}`;
    }
    case undefined:
      return entryMeaning(to, from);
  }
}

const ENTRIES: Readonly<Record<string, string>> = {
  'KUBE-SERVICES': 'the destination is looked for among the addresses of all Services',
  'KUBE-NODEPORTS': 'the port is looked for among the node ports of all Services',
  'KUBE-EXTERNAL-SERVICES': 'the destination is looked for among external addresses without endpoints',
  'KUBE-POSTROUTING': 'it is decided here whether the packet is masqueraded',
  'KUBE-FORWARD': 'marked packets and those of known connections are accepted here',
  'KUBE-PROXY-FIREWALL': 'it is checked against the source ranges of load balancers',
  'KUBE-IPVS-FILTER': 'it is checked that nothing but ports of Services answers on their addresses',
  'KUBE-IPVS-OUT-FILTER':
    'it is checked that the node keeps away from load balancers whose source ranges do not hold it',
};

function entryMeaning(to: string, from: string): string | undefined {
  return from.startsWith('KUBE-') && to !== 'KUBE-NODEPORTS' ? undefined : ENTRIES[to];
}

function explainEffect(effect: Effect, { chance, table }: Step): string {
  const by = chance === undefined ? '' : `by chance (${chanceText(chance)} of what comes here) `;
  switch (effect.kind) {
    case 'none':
      return `${by}the rule counts, and nothing else`;
    case 'log':
      return `${by}it is logged`;
    case 'return':
      return `${by}back to where the chain was called from`;
    case 'accept':
      return `${by}accepted: this table lets it pass`;
    case 'drop':
      return `${by}dropped without an answer`;
    case 'untracked':
      return `${by}conntrack is told not to follow it, so there is no NAT`;
    case 'jump':
    case 'goto':
      return `${by}on to the chain ${effect.chain}`;
    case 'reject':
      return `${by}refused with ${effect.with}${effect.why === undefined ? '' : `: ${effect.why}`}`;
    case 'mark':
      return `${by}its mark becomes ${hex(effect.after)}, from ${hex(effect.before)}`;
    case 'connmark':
      return `${by}the mark of its connection becomes ${hex(effect.after)}, from ${hex(effect.before)}`;
    case 'dnat':
    case 'redirect':
      return `${by}its destination becomes ${endpointText(effect.address, effect.port)}`;
    case 'snat':
    case 'masquerade':
      return `${by}its source becomes ${addressText(effect.address)}`;
    case 'ipvs':
      return explainIpvs(effect, chance);
    case 'policy':
      return `no rule decided: the policy is ${effect.policy === '-' ? 'not known, ACCEPT' : effect.policy}`;
    case 'gave-up':
      return 'there are too many ways through these rules to follow all';
    case 'source':
    case 'destination':
      if (table === 'ipvs')
        return `IPVS knows the connection: the source becomes ${endpointText(effect.address, effect.port)} again`;
      return `conntrack knows the connection: the ${effect.kind} becomes ${endpointText(effect.address, effect.port)} again`;
    case 'other':
      return `${by}${effect.name} does its work, and the packet goes on`;
    case 'unknown':
      return `${by}what ${effect.name} does cannot be known`;
  }
}

function explainIpvs({ address, port, chosen }: Extract<Effect, { kind: 'ipvs' }>, chance: Share | undefined): string {
  const server = endpointText(address, port);
  if (chosen === undefined) return `IPVS knows the connection: the destination becomes ${server} again`;
  const { scheduler, among, stays } = chosen;
  const kept = stays === undefined ? '' : `; a client that comes again within ${stays} s stays with its real server`;
  if (among === 1) return `IPVS gives it to the only real server, ${server}${kept}`;
  const share = chance === undefined ? '' : ` (${chanceText(chance)} of new connections)`;
  return `IPVS gives it to ${server}${share}, one of ${among} real servers; ${scheduler} takes ${schedulerWords(scheduler)}${kept}`;
}

/** `1/3`, else in percent. */
export function chanceText(share: Share): string {
  const n = evenShare(share);
  return n === undefined || n > 10_000 ? percentText(share) : `1/${n}`;
}

/** `33.3 %`; more digits where it is less than one. */
export function percentText(share: Share): string {
  const percent = shareNumber(share) * 100;
  if (percent === 0 || percent >= 99.95 || percent >= 1)
    return `${percent >= 99.95 && percent < 100 ? '> 99.9' : trimmed(percent.toFixed(1))} %`;
  return percent < 0.0001 ? '< 0.0001 %' : `${percent.toPrecision(2)} %`;
}

function trimmed(text: string): string {
  return text.replace(/\.0$/, '');
}
