// Gathers the rules of each service port: by the chain that they lead to, and where there is none, by the hash of the name in the comment.
import { protocolText } from '../../ruleset/protocols.ts';
import { servicePortSuffix } from '../../ruleset/service-chain-names.ts';
import { serviceChainOf } from '../kube/service-chain.ts';
import type { ServiceComment } from '../kube/service-comment.ts';
import type { Destination, DispatchRule } from './dispatch.ts';

/** A service port as it is found, before it is told. */
export interface PortDraft {
  readonly key: string;
  /** Of the chains' names; undefined where they have other ones. */
  readonly suffix: string | undefined;
  protocol: number | undefined;
  readonly frontends: Map<string, FrontendDraft>;
  /** Names that rules give it, as written, with the line of the first. */
  readonly names: Map<string, { readonly comment: ServiceComment; readonly line: number }>;
  healthCheck: DispatchRule | undefined;
}

export interface FrontendDraft {
  readonly destination: Destination;
  /** Those that lead on to endpoints. */
  readonly balance: DispatchRule[];
  /** Those that mark for masquerading before that: kube-proxy until 1.20. */
  readonly masquerade: DispatchRule[];
  readonly refuse: DispatchRule[];
  /** Those of the userspace mode, with the port of kube-proxy that they lead to. */
  readonly proxy: { readonly rule: DispatchRule; readonly port: number }[];
  shadowedBy: number | undefined;
}

export class DraftBook {
  readonly ports: Map<string, PortDraft> = new Map();
  /** The port that takes the packets of a destination first. */
  readonly #byDestination = new Map<string, PortDraft>();
  readonly #byName = new Map<string, PortDraft>();

  /** The service port of a chain, made if it is new. */
  ofChain(chain: string): PortDraft {
    const suffix = serviceChainOf(chain)?.suffix;
    return this.#port(suffix ?? `chain ${chain}`, suffix);
  }

  /** The service port that a rule is of; made if it is new. */
  ofRule({ comment, destination, step }: DispatchRule): PortDraft {
    const protocol = protocolName(destination.protocol);
    const named = comment === undefined ? undefined : this.#byName.get(nameKey(comment, protocol));
    const port = named ?? this.#byDestination.get(destinationKey(destination)) ?? this.#newPort(comment, destination);
    if (comment !== undefined) this.name(port, comment, step.at.line);
    return port;
  }

  /** The service port that is called so, whatever its protocol: health checks are asked for by tcp. */
  ofName(comment: ServiceComment): PortDraft | undefined {
    return this.#byName.get(comment.written);
  }

  frontend(port: PortDraft, destination: Destination): FrontendDraft {
    const key = destinationKey(destination);
    port.protocol ??= destination.protocol;
    const known = port.frontends.get(key);
    if (known !== undefined) return known;
    const made: FrontendDraft = {
      destination,
      balance: [],
      masquerade: [],
      refuse: [],
      proxy: [],
      shadowedBy: undefined,
    };
    port.frontends.set(key, made);
    if (!this.#byDestination.has(key)) this.#byDestination.set(key, port);
    return made;
  }

  name(port: PortDraft, comment: ServiceComment, line: number): void {
    if (!port.names.has(comment.written)) port.names.set(comment.written, { comment, line });
    for (const key of [nameKey(comment, protocolName(port.protocol)), comment.written]) {
      if (!this.#byName.has(key)) this.#byName.set(key, port);
    }
  }

  #newPort(comment: ServiceComment | undefined, destination: Destination): PortDraft {
    const protocol = protocolName(destination.protocol);
    if (comment === undefined || protocol === undefined) {
      return this.#port(`to ${destinationKey(destination)}`, undefined);
    }
    const suffix = servicePortSuffix({ name: comment.written, protocol });
    const port = this.#port(suffix, suffix);
    port.protocol ??= destination.protocol;
    return port;
  }

  #port(key: string, suffix: string | undefined): PortDraft {
    const known = this.ports.get(key);
    if (known !== undefined) return known;
    const made: PortDraft = {
      key,
      suffix,
      protocol: undefined,
      frontends: new Map(),
      names: new Map(),
      healthCheck: undefined,
    };
    this.ports.set(key, made);
    return made;
  }
}

function nameKey({ written }: ServiceComment, protocol: string | undefined): string {
  return `${written} ${protocol ?? ''}`;
}

export function protocolName(number: number | undefined): string | undefined {
  return number === undefined ? undefined : protocolText(number);
}

export function destinationKey({ address, port, protocol, isNodePort }: Destination): string {
  return `${protocolName(protocol) ?? 'any'} ${isNodePort ? 'node' : (address ?? 'any')} ${port ?? 'all'}`;
}
