import type { DecodedEndpoint, DecodedFrontend, DecodedServicePort } from '../decode/decoded-rules.ts';
import type { Share } from '../decode/share.ts';
import type { JumpsOf } from './chain-jumps.ts';
import { GraphBuilder, type ServiceGraph } from './graph.ts';

/** How parts of a drawing are called: words are for whoever prints. */
export interface GraphWords {
  readonly frontend: (frontend: DecodedFrontend) => readonly string[];
  readonly share: (share: Share) => string;
}

/** Of more endpoints so many are drawn, and a note stands for the rest: a drawing must fit on a page. */
const MOST_ENDPOINTS = 12;
/** The same for addresses. */
const MOST_FRONTENDS = 12;
/** kube-proxy makes five at most; others may make any number. */
const MOST_CHAINS = 24;
/** Longer conditions are in the dump. */
const MOST_CONDITIONS = 2;

/** How packets get from the addresses of a service port through its chains to its endpoints. */
export function serviceGraph(port: DecodedServicePort, jumpsOf: JumpsOf, words: GraphWords): ServiceGraph {
  return new ServiceDrawing(port, jumpsOf, words).draw();
}

class ServiceDrawing {
  readonly #port: DecodedServicePort;
  readonly #jumpsOf: JumpsOf;
  readonly #words: GraphWords;
  readonly #graph = new GraphBuilder();
  readonly #known: ReadonlySet<string>;
  readonly #drawn: ReadonlySet<string>;

  constructor(port: DecodedServicePort, jumpsOf: JumpsOf, words: GraphWords) {
    this.#port = port;
    this.#jumpsOf = jumpsOf;
    this.#words = words;
    const names = port.chains.filter(({ table }) => table === 'nat').map(({ name }) => name);
    this.#known = new Set(names);
    this.#drawn = new Set(names.slice(0, MOST_CHAINS));
  }

  draw(): ServiceGraph {
    const { frontends } = this.#port;
    for (const frontend of frontends.slice(0, MOST_FRONTENDS)) this.#frontend(frontend);
    const rest = frontends.length - MOST_FRONTENDS;
    if (rest > 0) this.#graph.node('frontend', ['', 'rest'], [`and ${rest} more addresses`]);
    for (const name of this.#drawn) this.#chain(name);
    const others = this.#known.size - this.#drawn.size;
    if (others > 0) this.#graph.node('chain', ['', 'rest'], [`and ${others} more chains`]);
    for (const name of this.#drawn) this.#jumps(name);
    this.#endpoints();
    return this.#graph.finish();
  }

  #frontend(frontend: DecodedFrontend): void {
    const { chain, refusal, proxyPort } = frontend;
    const lines = this.#words.frontend(frontend);
    const node = this.#graph.node('frontend', ['frontend', JSON.stringify(lines)], lines);
    if (chain !== undefined) this.#graph.edge(node, this.#chain(chain));
    if (proxyPort !== undefined) {
      const label = ['kube-proxy itself', `port ${proxyPort}`];
      this.#graph.edge(node, this.#graph.node('end', ['proxy', String(proxyPort)], label));
    }
    if (refusal !== undefined) {
      const reason = refusal.reason === undefined ? [] : [REASONS[refusal.reason]];
      const end = this.#graph.node(
        'end',
        [refusal.verdict, refusal.reason ?? ''],
        [refusal.verdict.toUpperCase(), ...reason],
      );
      this.#graph.edge(node, end, chain === undefined ? [] : ['else']);
    }
  }

  #chain(name: string): string {
    const isThere = this.#known.has(name) || this.#port.endpoints.some(({ chain }) => chain === name);
    return this.#graph.node('chain', ['chain', name], isThere ? [name] : [name, 'not in the dump']);
  }

  /** From chain to chain; where a chain chooses an endpoint is told by shares. */
  #jumps(from: string): void {
    const byTarget = new Map<string, string[]>();
    for (const { to, condition } of this.#jumpsOf(from)) {
      if (!this.#drawn.has(to)) continue;
      const conditions = byTarget.get(to) ?? [];
      conditions.push(condition);
      byTarget.set(to, conditions);
    }
    for (const [to, all] of byTarget) {
      const conditions = [...new Set(all)];
      const rest = conditions.length - MOST_CONDITIONS;
      const shown = conditions.includes('') ? [] : conditions.slice(0, MOST_CONDITIONS);
      const more = rest > 0 && shown.length > 0 ? [`or ${rest} more`] : [];
      this.#graph.edge(this.#chain(from), this.#chain(to), [...shown, ...more]);
    }
  }

  #endpoints(): void {
    const { endpoints, cluster, local } = this.#port;
    const most = endpoints.length > MOST_ENDPOINTS ? MOST_ENDPOINTS - 1 : endpoints.length;
    for (const endpoint of endpoints.slice(0, most)) this.#endpoint(endpoint);
    const rest = endpoints.slice(most);
    if (rest.length > 0) this.#rest(rest);
    for (const choice of [cluster, local]) {
      if (choice?.lost === undefined) continue;
      const nowhere = this.#graph.node('end', ['lost', choice.chain], ['no endpoint']);
      this.#graph.edge(this.#chain(choice.chain), nowhere, [this.#words.share(choice.lost)]);
    }
  }

  #endpoint(endpoint: DecodedEndpoint): void {
    const { text, chain, isLocal } = endpoint;
    const label = [isLocal === true ? `${text} (this node)` : text, ...(chain === undefined ? [] : [chain])];
    const node = this.#graph.node('endpoint', ['endpoint', chain ?? '', text], label);
    for (const [choice, share] of [
      [this.#port.cluster, endpoint.cluster],
      [this.#port.local, endpoint.local],
    ] as const) {
      if (choice === undefined || share === undefined) continue;
      this.#graph.edge(this.#chain(choice.chain), node, [this.#words.share(share)]);
    }
  }

  #rest(endpoints: readonly DecodedEndpoint[]): void {
    const node = this.#graph.node('endpoint', ['', 'rest'], [`and ${endpoints.length} more endpoints`]);
    const { cluster, local } = this.#port;
    for (const [choice, chosen] of [
      [cluster, endpoints.flatMap((endpoint) => endpoint.cluster ?? [])],
      [local, endpoints.flatMap((endpoint) => endpoint.local ?? [])],
    ] as const) {
      if (choice === undefined || chosen.length === 0) continue;
      const shares = [...new Set(chosen.map((share) => this.#words.share(share)))];
      const label = shares.length === 1 ? [`${shares[0]} each`] : [];
      this.#graph.edge(this.#chain(choice.chain), node, label);
    }
  }
}

const REASONS = {
  'no-endpoints': 'no endpoints',
  'no-local-endpoints': 'no local endpoints',
  'source-ranges': 'not from its source ranges',
  'no-persistence': 'all ports, without persistence',
} as const;
