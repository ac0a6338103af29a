import type { IpFamily } from '../../model/ip.ts';
import { parseNetwork } from '../../ruleset/ip-network.ts';
import type { Match } from '../../ruleset/match.ts';
import { protocolNumber } from '../../ruleset/protocols.ts';
import type { NetworkMatch, ProtocolMatch, TextMatch } from '../../ruleset/rule-values.ts';
import type { Rule, UnreadableAddress } from '../../ruleset/rule.ts';
import type { Target } from '../../ruleset/target.ts';
import { otherTargets, verdicts } from './extensions.ts';
import { OptionReader } from './option-reader.ts';
import { protocolProblems } from './protocol-problems.ts';
import type { RuleProblem } from './rule-problem.ts';
import { RuleScanner } from './rule-scanner.ts';
import type { ScannedExtension, ScannedValue } from './scanned-rule.ts';

export interface ParsedRule {
  readonly rule: Rule;
  /** In the order of their columns. */
  readonly problems: readonly RuleProblem[];
}

/**
 * Reads one rule, `-A CHAIN ...`, as iptables 1.8 would: all of its ways to spell an option. Total: what is not known, or wrong, is kept
 * as opaque words, and wrong things are told as well.
 *
 * @param family what the rule is for, where nothing in it says so (the defaults of REJECT and recent differ). Default: ipv4
 */
export function parseRule(line: string, family?: IpFamily): ParsedRule {
  const counters = /^\[\d+:\d+\][ \t]+/.exec(line)?.[0].length ?? 0;
  const text = counters === 0 ? line : line.slice(counters);
  const scanner = new RuleScanner(text);
  scanner.scan();
  const found = new RuleBuilder(scanner, family).build(text);
  const problems = [...scanner.problems, ...found.problems].sort((a, b) => a.column - b.column);
  return {
    rule: found.rule,
    problems: counters === 0 ? problems : problems.map((p) => ({ ...p, column: p.column + counters })),
  };
}

/** Makes a rule of scanned options. */
class RuleBuilder {
  readonly #scanner: RuleScanner;
  readonly #problems: RuleProblem[] = [];
  readonly #given: IpFamily | undefined;

  constructor(scanner: RuleScanner, family: IpFamily | undefined) {
    this.#scanner = scanner;
    this.#given = family;
  }

  build(text: string): ParsedRule {
    const { values, extensions, fragment, leftover } = this.#scanner;
    const { matches, target } = extensions;
    const chain = values.get('append');
    if (chain === undefined) this.#bad('rule-syntax', 'a rule that does not begin with -A CHAIN', 1);
    else if (chain.negated) this.#bad('rule-syntax', 'a "!" before the name of the chain', chain.word.start + 1);
    const source = this.#address(values.get('source'));
    const destination = this.#address(values.get('destination'));
    const family = source?.network?.family ?? destination?.network?.family ?? this.#given ?? this.#guess();
    const protocol = this.#protocol(values.get('protocol'), leftover);
    const rule: Rule = {
      chain: chain?.value ?? '',
      source: limiting(source),
      destination: limiting(destination),
      inInterface: this.#interface(values.get('in')),
      outInterface: this.#interface(values.get('out')),
      protocol,
      fragment,
      matches: matches.map((match) => this.#match(match, family)),
      target: this.#target(target, family),
      leftover: chain?.negated === true ? [...leftover, '!'] : leftover,
      text,
    };
    this.#problems.push(...protocolProblems(rule, (index) => matches[index]?.column ?? 1, target?.column ?? 1));
    return { rule, problems: this.#problems };
  }

  #bad(code: RuleProblem['code'], message: string, column: number): void {
    this.#problems.push({ code, message, column });
  }

  /** Nothing says it but words that one family alone has. */
  #guess(): IpFamily {
    const { extensions, values } = this.#scanner;
    const six =
      extensions.matches.some(({ name }) => name === 'icmp6') ||
      protocolNumber(values.get('protocol')?.value ?? '') === 58;
    return six ? 'ipv6' : 'ipv4';
  }

  #address(given: ScannedValue | undefined): NetworkMatch | UnreadableAddress | undefined {
    if (given === undefined) return undefined;
    const { value, negated, word } = given;
    const network = parseNetwork(value);
    if (network !== undefined) return { negated, network };
    const why = value.includes(',') ? ', a list, which is more than one rule' : ', which is no address';
    this.#bad('rule-bad-value', `${JSON.stringify(value)}${why}`, word.start + 1);
    return { negated, network: undefined, text: value };
  }

  /** `-i +` is every interface, and printed as nothing. */
  #interface(given: ScannedValue | undefined): TextMatch | undefined {
    if (given === undefined || (given.value === '+' && !given.negated)) return undefined;
    if (given.value.length > LONGEST_INTERFACE) {
      this.#bad(
        'rule-bad-value',
        `${JSON.stringify(given.value)}, which is too long for an interface`,
        given.word.start + 1,
      );
    }
    return { negated: given.negated, value: given.value };
  }

  /** What is no protocol is left over, or the rule would seem to be for all of them. */
  #protocol(given: ScannedValue | undefined, leftover: string[]): ProtocolMatch | undefined {
    if (given === undefined) return undefined;
    const number = protocolNumber(given.value);
    if (number === undefined || (number === 0 && given.negated)) {
      this.#bad('rule-bad-value', `${JSON.stringify(given.value)}, which is no protocol`, given.word.start + 1);
      leftover.push('-p', given.value);
    }
    return number === undefined || number === 0 ? undefined : { negated: given.negated, number };
  }

  #match({ name, column, extension, uses, words }: ScannedExtension<Match>, family: IpFamily): Match {
    const opaque: Match = { kind: 'opaque', name, words };
    if (extension === undefined || uses.some((use) => use.name === '')) return opaque;
    const reader = new OptionReader(`-m ${name}`, column, uses, family);
    const match = extension.read(reader);
    this.#problems.push(...reader.problems);
    return reader.problems.length === 0 ? match : opaque;
  }

  #target(scanned: ScannedExtension<Target> | undefined, family: IpFamily): Target {
    if (scanned === undefined) return { kind: 'none' };
    const { name, column, extension, uses, words } = scanned;
    if (this.#scanner.goto) return { kind: 'goto', chain: name };
    const verdict = verdicts.get(name);
    if (verdict !== undefined && words.length === 0) return verdict;
    const opaque: Target = { kind: 'opaque', name, words };
    if (extension === undefined)
      return words.length > 0 || otherTargets.has(name) ? opaque : { kind: 'jump', chain: name };
    if (uses.some((use) => use.name === '')) return opaque;
    const reader = new OptionReader(`-j ${name}`, column, uses, family);
    const target = extension.read(reader);
    this.#problems.push(...reader.problems);
    return reader.problems.length === 0 ? target : opaque;
  }
}

/** IFNAMSIZ of the kernel, without the zero at the end. */
const LONGEST_INTERFACE = 15;

/** An address of which no bit counts is no condition, and is not printed. */
function limiting(address: NetworkMatch | UnreadableAddress | undefined): NetworkMatch | UnreadableAddress | undefined {
  return address?.network?.mask === 0n && !address.negated ? undefined : address;
}
