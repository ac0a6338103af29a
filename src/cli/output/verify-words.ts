// How differences between rules and Services are said; verify and diff speak the same language.
import { hex } from '../../core/ruleset/print-values.ts';
import type { ActualOutcome, BlamedRule, Difference, ExpectedOutcome } from '../../core/analyze/verify/difference.ts';
import type { ExamplePacket } from '../../core/analyze/verify/example.ts';
import type { FaultKind } from '../../core/analyze/verify/finding.ts';
import type { Condition } from '../../core/analyze/verify/levels.ts';
import { isBuiltIn } from '../../core/ruleset/built-in-chains.ts';
import { protocolText } from '../../core/ruleset/protocols.ts';
import { tcpFlagsText } from '../../core/ruleset/tcp-flags.ts';
import { plainText } from './plain-text.ts';

const faultTitles: { readonly [K in FaultKind]: string } = {
  'not-delivered': 'reaches no endpoint',
  'wrong-endpoint': 'goes to an address that is none of its endpoints',
  'uneven-shares': 'endpoints do not have equal chances',
  'masquerade-missing': 'is not masqueraded',
  'masquerade-unwanted': 'is masqueraded and must not be',
  scheduler: 'chooses its endpoints in another way than configured',
  affinity: 'session affinity is not kept',
  refused: 'is refused',
  'not-refused': 'is not refused',
  'wrong-refusal': 'is refused in the wrong way',
  'mark-left': "leaves with kube-proxy's mark",
  'foreign-mark-bits': "changes bits of the mark that are not kube-proxy's",
  'no-service': 'a packet of no Service is not left alone',
  'localhost-open': 'the network reaches what listens on 127.0.0.0/8',
  'health-check-refused': 'load balancers cannot ask for its health',
  'existing-connections': 'packets of existing connections do not get through',
  'untracked-packets': 'a packet of no connection is not left alone',
  'changed-by-others': 'a rule of others changes it',
};

export function faultTitle({ kind, expected }: Pick<Difference, 'kind' | 'expected'>): string {
  const isKept = kind === 'affinity' && expected.kind === 'endpoints' && !expected.affinity;
  return isKept ? 'keeps clients, and no session affinity is configured' : faultTitles[kind];
}

const FRONTENDS = {
  clusterIP: 'clusterIP',
  externalIP: 'external IP',
  loadBalancerIP: 'load balancer IP',
  nodePort: 'nodePort',
} as const;

export function frontendText(frontend: NonNullable<Difference['frontend']>): string {
  return FRONTENDS[frontend];
}

function addressPort(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `10.244.1.7:40000 -> 10.96.0.1:443/tcp, arrives by eth0`, and what else counts. */
export function packetText(packet: ExamplePacket): string {
  const { source, sourcePort, destination, destinationPort, protocol, tracking, inInterface } = packet;
  const name = plainText(protocolText(protocol));
  const parts = [
    `${addressPort(source, sourcePort)} -> ${addressPort(destination, destinationPort)}/${name}`,
    inInterface === undefined ? 'made by the node' : `arrives by ${plainText(inInterface)}`,
    ...(tracking === 'NEW' ? [] : [tracking]),
    ...(inInterface !== undefined && packet.sourceIsLocal ? ['its source is an address of the node'] : []),
    ...(packet.destinationIsLocal ? ['its destination is an address of the node'] : []),
    ...(packet.endpointIsLocal ? ['the endpoint is an address of the node'] : []),
    ...(packet.mark === 0 ? [] : [`mark ${hex(packet.mark)}`]),
    ...(packet.wasTranslated ? ['its connection was translated'] : []),
    ...(packet.tcpFlags === undefined ? [] : [`TCP flags ${tcpFlagsText(packet.tcpFlags)}`]),
    ...(packet.icmp === undefined ? [] : [`ICMP type ${packet.icmp.type} code ${packet.icmp.code}`]),
    ...outText(packet),
    ...packet.conditions.flatMap(({ condition, holds }) =>
      holds || condition.kind === 'opaque' ? [conditionText(condition, holds)] : [],
    ),
  ];
  return parts.join(', ');
}

function outText({ outInterface, newOutInterface }: ExamplePacket): readonly string[] {
  const out = newOutInterface ?? outInterface;
  return out === undefined ? [] : [`leaves by ${plainText(out)}`];
}

function conditionText(condition: Condition, holds: boolean): string {
  switch (condition.kind) {
    case 'set':
      return plainText(`${holds ? '' : 'not '}in the set ${condition.name} (${condition.directions})`);
    case 'recent': {
      const since = condition.seconds === undefined ? '' : ` in the last ${condition.seconds} s`;
      return plainText(`${holds ? '' : 'not '}seen by the list ${condition.list}${since}`);
    }
    case 'state':
    case 'opaque':
      return plainText(`${condition.text} ${holds ? 'matches' : 'does not match'}`);
  }
}

const SHOWN = 4;

function listed(items: readonly string[], most: number): string {
  const more = items.length - most;
  return more > 1 ? `${items.slice(0, most).join(', ')} and ${more} more` : items.join(', ');
}

export function expectedText(expected: ExpectedOutcome, verbose: boolean): string {
  switch (expected.kind) {
    case 'endpoints': {
      const { endpoints, affinitySeconds } = expected;
      const some = endpoints.filter(({ masquerade }) => masquerade).length;
      const how =
        some === 0
          ? 'not masqueraded'
          : some === endpoints.length
            ? 'masqueraded'
            : 'masqueraded only on the way to itself';
      const names = endpoints.map(({ endpoint, masquerade }) =>
        masquerade && some < endpoints.length ? `${endpoint} (itself)` : endpoint,
      );
      const each = endpoints.length === 1 ? '' : `, each ${chanceText(1 / endpoints.length)}`;
      const stays =
        affinitySeconds === undefined ? '' : `; a known client stays with its endpoint for ${affinitySeconds} s`;
      return `${listed(names, verbose ? Infinity : SHOWN)}${each}; ${how}${stays}`;
    }
    case 'refused':
      return expected.verdicts
        .map((verdict) => (verdict === 'reject' ? 'REJECT (port unreachable)' : 'DROP'))
        .join(' or ');
    case 'untouched':
      return "what happens without kube-proxy's rules";
    case 'accepted':
      return 'it is let through';
    case 'dropped':
      return 'DROP';
  }
}

export function outcomeText(outcome: ActualOutcome): string {
  const { verdict, endpoint, source, markLeft } = outcome;
  const through = endpoint === undefined ? '' : ` on the way to ${endpoint}`;
  if (verdict === 'drop') return plainText(`DROP${through}`);
  if (verdict === 'unknown') return plainText(`nobody knows${through}`);
  if (verdict !== 'accept') return plainText(`REJECT (${verdict.slice('reject '.length)})${through}`);
  const how = source === undefined ? '' : source === 'masquerade' ? ', masqueraded' : `, its source becomes ${source}`;
  return plainText(`${endpoint ?? 'not translated'}${how}${markLeft ? ', marked' : ''}`);
}

/** What the other side, or the specification, does not have stands first: long lists are cut. */
export function actualText(
  outcomes: readonly ActualOutcome[],
  verbose: boolean,
  isUsual: (outcome: ActualOutcome) => boolean = () => true,
): string {
  const sorted = [...outcomes.filter((outcome) => !isUsual(outcome)), ...outcomes.filter(isUsual)];
  const texts = sorted.map((outcome) =>
    outcomes.length === 1 ? outcomeText(outcome) : `${outcomeText(outcome)} (${chanceText(outcome.chance)})`,
  );
  return listed(texts, verbose ? Infinity : SHOWN);
}

/** `1/3` where it is that as far as 31 random bits allow, else a percentage. */
export function chanceText(chance: number): string {
  const n = Math.round(1 / chance);
  if (n >= 1 && Math.abs(chance - 1 / n) < 2 ** -30) return n === 1 ? '1' : `1/${n}`;
  const percent = chance * 100;
  return `${percent < 0.001 || percent > 99.999 ? percent.toPrecision(8) : percent.toFixed(4)} %`;
}

export function ruleText({ table, chain, line, text }: BlamedRule): string {
  const at = line === undefined ? '' : `line ${line}: `;
  if (text === undefined)
    return plainText(line === undefined ? `${table} has no chain ${chain}` : `${at}${chainText(table, chain)}`);
  return plainText(`${at}${table}: ${text}`);
}

function chainText(table: string, chain: string): string {
  const policy = isBuiltIn(chain) ? ', or its policy decides' : '';
  return `${table}: chain ${chain}, where a rule for it is missing${policy}`;
}
