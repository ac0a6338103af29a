import { ruleLines, targetOf } from '../rule-lines.ts';

/** What a KUBE-SVC or KUBE-SVL chain does. */
export interface EndpointChoice {
  /** In the chain's order. */
  readonly endpoints: readonly ChosenEndpoint[];
  /** The timeouts in seconds of the rules that look for the client's last endpoint, without repetitions. */
  readonly affinity: readonly string[];
  readonly masquerade: readonly string[];
  /** Rules of no known form. */
  readonly others: readonly string[];
}

export interface ChosenEndpoint {
  /** The endpoint's chain. */
  readonly chain: string;
  /** Of what comes to the rule; 1 if it takes all that is left. */
  readonly probability: number;
}

export function readEndpointChoice(rules: string): EndpointChoice {
  const endpoints: ChosenEndpoint[] = [];
  const affinity = new Set<string>();
  const masquerade: string[] = [];
  const others: string[] = [];
  for (const line of ruleLines(rules)) {
    const target = targetOf(line) ?? '';
    if (target === 'KUBE-MARK-MASQ') masquerade.push(line);
    else if (!target.startsWith('KUBE-SEP-')) others.push(line);
    else if (line.includes(' --rcheck ')) affinity.add(/ --seconds (\d+) /.exec(line)?.[1] ?? 'no');
    else endpoints.push({ chain: target, probability: Number(/ --probability ([\d.]+) /.exec(line)?.[1] ?? 1) });
  }
  return { endpoints, affinity: [...affinity], masquerade, others };
}

/** iptables before 1.6 printed five digits of a probability. */
const TOLERANCE = 1e-4;

/** `1/3` where all endpoints have the same chance, as far as their rules can say it; else each one's, in percent. */
export function sharesText({ endpoints }: EndpointChoice): string {
  const { length } = endpoints;
  if (length === 0) return 'none';
  const even = endpoints.every(({ probability }, i) => Math.abs(probability * (length - i) - 1) < TOLERANCE);
  if (even) return `1/${length}`;
  let left = 1;
  const shares = endpoints.map(({ probability }) => {
    const share = left * probability;
    left -= share;
    return percent(share);
  });
  return shares.length > MOST_SHARES ? `uneven (${shares.slice(0, MOST_SHARES).join(', ')} ...)` : shares.join(', ');
}

const MOST_SHARES = 6;

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`;
}
