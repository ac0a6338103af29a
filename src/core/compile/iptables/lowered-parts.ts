import type { CompiledChain } from '../../ruleset/compiled-rules.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import type { ServiceTable } from '../../services/service-table.ts';
import { appendTo } from '../../util/append.ts';
import { hasComments, type CompileContext, type IptablesFeatures } from './compile-context.ts';
import { lowerServicePort } from './lower-service-port.ts';
import type { LoweredServicePort } from './lowered-service-port.ts';

/** The service ports of one family, lowered while their table is still being built. With kube-proxy's own templates. */
export class LoweredParts {
  readonly #context: CompileContext;
  readonly #lowered: LoweredServicePort[] = [];

  /** @param atMost no fewer endpoints than the table will count */
  constructor(settings: ProxySettings, features: IptablesFeatures, atMost: number) {
    this.#context = { settings, features, comments: hasComments(atMost), templates: undefined };
  }

  /** The next service ports of the table; all that the rules of their chains jump to is among these chains, but KUBE-MARK-MASQ. */
  add(ports: readonly ServicePortEntry[]): readonly CompiledChain[] {
    const part = ports.map((port) => lowerServicePort(port, this.#context));
    appendTo(this.#lowered, part);
    return part.flatMap(({ chains }) => chains);
  }

  /** Undefined if the table has few enough endpoints for comments after all: slices may name one several times. */
  all({ endpointCount }: ServiceTable): readonly LoweredServicePort[] | undefined {
    return hasComments(endpointCount) === this.#context.comments ? this.#lowered : undefined;
  }
}
