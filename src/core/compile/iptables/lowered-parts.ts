import type { CompiledChain } from '../../ruleset/compiled-rules.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import type { ServiceTable } from '../../services/service-table.ts';
import { appendTo } from '../../util/append.ts';
import { sortedBy } from '../../util/order.ts';
import { hasComments, type CompileContext, type IptablesFeatures } from './compile-context.ts';
import { lowerServicePort } from './lower-service-port.ts';
import type { LoweredServicePort } from './lowered-service-port.ts';

/** Service ports of a table, and their chains in any order. */
export interface LoweredTable {
  readonly ports: readonly LoweredServicePort[];
  readonly chains: readonly CompiledChain[];
}

/** The service ports of one family, lowered while their table is still being built. With kube-proxy's own templates. */
export class LoweredParts {
  readonly #context: CompileContext;
  readonly #ports: LoweredServicePort[] = [];
  readonly #chains: CompiledChain[] = [];

  /** @param atMost no fewer endpoints than the table will count */
  constructor(settings: ProxySettings, features: IptablesFeatures, atMost: number) {
    this.#context = { settings, features, comments: hasComments(atMost), templates: undefined };
  }

  /** The next service ports of the table. Their chains by name; all that these jump to is among them, but KUBE-MARK-MASQ. */
  add(ports: readonly ServicePortEntry[]): readonly CompiledChain[] {
    const part = ports.map((port) => lowerServicePort(port, this.#context));
    appendTo(this.#ports, part);
    const chains = sortedBy(
      part.flatMap((port) => port.chains),
      (chain) => chain.name,
    );
    appendTo(this.#chains, chains);
    return chains;
  }

  /** Undefined if the table has few enough endpoints for comments after all: slices may name one several times. */
  all({ endpointCount }: ServiceTable): LoweredTable | undefined {
    if (hasComments(endpointCount) !== this.#context.comments) return undefined;
    return { ports: this.#ports, chains: this.#chains };
  }
}
