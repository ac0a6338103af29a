import type { IpFamily } from '../../model/ip.ts';
import { parseNetwork } from '../../ruleset/ip-network.ts';
import { protocolNumber } from '../../ruleset/protocols.ts';
import type {
  NetworkMatch,
  NumberMatch,
  NumberRange,
  PortMatch,
  ProtocolMatch,
  TextMatch,
} from '../../ruleset/rule-values.ts';
import type { OptionUse } from './extension.ts';
import { readPortRange, readUint, UINT32 } from './read-values.ts';
import type { RuleProblem } from './rule-problem.ts';

/** What an extension reads its options from. A fault is noted, and the extension is kept as opaque words then. */
export class OptionReader {
  readonly family: IpFamily;
  readonly #owner: string;
  readonly #column: number;
  readonly #uses: readonly OptionUse[];
  readonly #problems: RuleProblem[] = [];

  /** @param owner `-m tcp`, for messages; `column` is where it stands */
  constructor(owner: string, column: number, uses: readonly OptionUse[], family: IpFamily) {
    this.#owner = owner;
    this.#column = column;
    this.#uses = uses;
    this.family = family;
  }

  get problems(): readonly RuleProblem[] {
    return this.#problems;
  }

  fault(use: OptionUse | undefined, message: string): void {
    this.#problems.push({ code: 'rule-bad-value', message, column: use?.column ?? this.#column });
  }

  /** The use of an option, which may be used once. */
  use(name: string): OptionUse | undefined {
    let found: OptionUse | undefined;
    for (const use of this.#uses) {
      if (use.name !== name) continue;
      if (found !== undefined) this.fault(use, `${name} twice in ${this.#owner}`);
      found = use;
    }
    return found;
  }

  /** An option that cannot be negated. */
  plain(name: string): OptionUse | undefined {
    const use = this.use(name);
    if (use?.negated === true) this.fault(use, `a "!" before ${name}`);
    return use;
  }

  flag(name: string): boolean {
    return this.plain(name) !== undefined;
  }

  /** Says that the extension lacks an option without which it means nothing. */
  require(given: unknown, names: string): void {
    if (given === undefined || given === false) this.fault(undefined, `${this.#owner} without ${names}`);
  }

  /** The first of the options that is used; a second one is a fault. */
  oneOf(names: readonly string[]): OptionUse | undefined {
    const uses = names.flatMap((name) => this.use(name) ?? []);
    const [first, second] = uses;
    if (first !== undefined && second !== undefined) this.fault(second, `${second.name} beside ${first.name}`);
    return first;
  }

  /** Makes a value of the option's word; undefined if it is not used or has no such value, which is a fault then. */
  value<T>(use: OptionUse | undefined, what: string, read: (text: string) => T | undefined): T | undefined {
    if (use === undefined) return undefined;
    const text = use.values[0] ?? '';
    const value = read(text);
    if (value === undefined) this.fault(use, `${use.name} ${JSON.stringify(text)}, which is no ${what}`);
    return value;
  }

  /** A number of an option that cannot be negated. */
  number(name: string, max: number = UINT32): number | undefined {
    return this.value(this.plain(name), `number from 0 to ${max}`, (text) => readUint(text, max));
  }

  numberMatch(name: string, max: number): NumberMatch | undefined {
    const use = this.use(name);
    const value = this.value(use, `number from 0 to ${max}`, (text) => readUint(text, max));
    return value === undefined ? undefined : { negated: use?.negated ?? false, value };
  }

  textMatch(name: string): TextMatch | undefined {
    const use = this.use(name);
    return use === undefined ? undefined : { negated: use.negated, value: use.values[0] ?? '' };
  }

  ports(name: string): PortMatch | undefined {
    return this.range(name, 'port or range of ports', (text) => readPortRange(text, ':'));
  }

  range(name: string, what: string, read: (text: string) => NumberRange | undefined): PortMatch | undefined {
    const use = this.use(name);
    const range = this.value(use, what, read);
    return range === undefined ? undefined : { negated: use?.negated ?? false, first: range.first, last: range.last };
  }

  network(name: string): NetworkMatch | undefined {
    const use = this.use(name);
    const network = this.value(use, 'address', parseNetwork);
    return network === undefined ? undefined : { negated: use?.negated ?? false, network };
  }

  protocol(name: string): ProtocolMatch | undefined {
    const use = this.use(name);
    const number = this.value(use, 'protocol', protocolNumber);
    if (number === 0) this.fault(use, `${name} of all protocols`);
    return number === undefined ? undefined : { negated: use?.negated ?? false, number };
  }

  /** A comma-separated list of names out of `known`, in any case; given back in the order of `known`, each once. */
  list(use: OptionUse | undefined, known: readonly string[], what: string): readonly string[] | undefined {
    return this.value(use, what, (text) => {
      const given = new Set(text.toUpperCase().split(','));
      const values = known.filter((name) => given.has(name));
      return values.length === given.size ? values : undefined;
    });
  }
}
