import { goesTo, placeKeys, type Place } from './place.ts';
import { exactAddress, exactPort, type RuleProgram } from './rule-program.ts';

/** Shorter chains are searched from first to last. */
const INDEXED_FROM = 12;

/** The rules of one chain, found by destination: KUBE-SERVICES of a large cluster has thousands, of which a packet meets few. */
export class ChainProgram {
  readonly table: string;
  readonly name: string;
  /** `ACCEPT`, `DROP`, or `-`. */
  readonly policy: string;
  readonly line: number;
  readonly rules: readonly RuleProgram[];
  #byDestination: Map<string, number[]> | undefined;
  #rest: number[] = [];

  constructor(table: string, name: string, policy: string, line: number, rules: readonly RuleProgram[]) {
    this.table = table;
    this.name = name;
    this.policy = policy;
    this.line = line;
    this.rules = rules;
  }

  /** The rules that a packet to this place may match, in their order. */
  rulesFor(place: Place): readonly RuleProgram[] {
    if (this.rules.length < INDEXED_FROM) return this.rules.filter((rule) => goesTo(rule.destination, place));
    const index = (this.#byDestination ??= this.#makeIndex());
    const found = [...this.#rest];
    for (const key of [place.exactKey, place.portKey, place.addressKey]) {
      const at = index.get(key);
      if (at !== undefined) found.push(...at);
    }
    found.sort((a, b) => a - b);
    return found.flatMap((i) => {
      const rule = this.rules[i];
      return rule !== undefined && goesTo(rule.destination, place) ? [rule] : [];
    });
  }

  #makeIndex(): Map<string, number[]> {
    const index = new Map<string, number[]>();
    this.#rest = [];
    for (const [i, rule] of this.rules.entries()) {
      const key = indexKey(rule);
      if (key === undefined) {
        this.#rest.push(i);
        continue;
      }
      const same = index.get(key);
      if (same === undefined) index.set(key, [i]);
      else same.push(i);
    }
    return index;
  }
}

function indexKey({ destination }: RuleProgram): string | undefined {
  const address = exactAddress(destination);
  const port = exactPort(destination);
  if (address !== undefined) {
    const keys = placeKeys(address, port?.protocol ?? 0, port?.port);
    return port === undefined ? keys.addressKey : keys.exactKey;
  }
  return port === undefined ? undefined : placeKeys(0n, port.protocol, port.port).portKey;
}
