import { parseNetwork } from '../../ruleset/ip-network.ts';
import type { CommentMatch, Match, TcpMatch, UdpMatch } from '../../ruleset/match.ts';
import type { NetworkMatch, ProtocolMatch } from '../../ruleset/rule-values.ts';
import type { Rule } from '../../ruleset/rule.ts';
import type { Jump, Target } from '../../ruleset/target.ts';
import { readThreshold } from './matches/choice.ts';
import { readUint, UINT16 } from './read-values.ts';
import { readNatRange } from './targets/nat.ts';

/** What the names of all chains of kube-proxy begin with. No target of the kernel has such a name. */
const OWN = 'KUBE-';
const JUMP = `-j ${OWN}`;
const BLANK = 32;
const BANG = 33;
const QUOTE = 34;
/** As comments without a blank in them are printed. */
const PLAIN = /^[A-Za-z0-9_-]+$/;

const TCP: ProtocolMatch = { negated: false, number: 6 };
const UDP: ProtocolMatch = { negated: false, number: 17 };
const ANY_TCP: TcpMatch = {
  kind: 'tcp',
  sourcePorts: undefined,
  destinationPorts: undefined,
  flags: undefined,
  option: undefined,
};
const ANY_UDP: UdpMatch = { kind: 'udp', sourcePorts: undefined, destinationPorts: undefined };
const NO_WORDS: readonly string[] = [];
const NO_MATCHES: readonly Match[] = [];
/** kube-proxy's rules have at most so many. */
const MOST_MATCHES = 8;

/**
 * Reads the rules that large dumps have nearly nothing else of: those of kube-proxy's chains with `-s`, `-d`, `-p`, `-m comment`, `-m tcp`,
 * `-m udp`, `-m statistic --mode random`, and a jump to another of its chains or a DNAT, spelled as iptables-save does. Everything else it
 * leaves alone: `parseRule` reads that, and would read the same in these (a law in test/properties). Of 160,000 rules of 5000 Services
 * it reads all but 23, five times as fast: no words, options and uses of them are made first, and parts that are the same are one object.
 */
export class UsualRules {
  /** Those of the table, by name: what jumps to a chain has the chain's own string for its name, which is hashed already. */
  readonly #chains: ReadonlyMap<string, { readonly name: string }>;
  #text = '';
  /** What stands before is read. */
  #at = 0;
  /** The rules of an endpoint's chain have the same one. */
  #comment: CommentMatch = { kind: 'comment', text: '' };
  /** One endpoint's chain after the other begins with the same one. */
  #jump: Jump | undefined;

  constructor(chains: ReadonlyMap<string, { readonly name: string }>) {
    this.#chains = chains;
  }

  /** Undefined for a rule that is spelled otherwise, or has anything else in it. */
  read(text: string, chain: string): Rule | undefined {
    if (!chain.startsWith(OWN) || chain.includes('"')) return undefined;
    const begin = 3 + chain.length;
    if (!text.startsWith('-A ') || !text.startsWith(chain, 3) || text.charCodeAt(begin) !== BLANK) return undefined;
    this.#text = text;
    this.#at = begin + 1;
    const source = this.#address('-s ');
    const destination = this.#address('-d ');
    if (source === null || destination === null) return undefined;
    const protocol = this.#takes('-p tcp ') ? TCP : this.#takes('-p udp ') ? UDP : undefined;
    const matches = this.#matches(protocol);
    const target = matches === undefined ? undefined : this.#target(protocol);
    if (matches === undefined || target === undefined) return undefined;
    return {
      chain,
      source,
      destination,
      inInterface: undefined,
      outInterface: undefined,
      protocol,
      fragment: undefined,
      matches,
      target,
      leftover: NO_WORDS,
      text,
    };
  }

  #takes(words: string): boolean {
    const found = this.#text.startsWith(words, this.#at);
    if (found) this.#at += words.length;
    return found;
  }

  /** Up to the next blank, and over it; a blank follows, as the target is still to come. */
  #word(): string {
    const end = this.#text.indexOf(' ', this.#at);
    const word = this.#text.slice(this.#at, end === -1 ? undefined : end);
    this.#at += word.length + 1;
    return word;
  }

  /** null for what is no address, and for all of them, which are no condition. */
  #address(option: string): NetworkMatch | null | undefined {
    const negated = this.#text.charCodeAt(this.#at) === BANG;
    if (!this.#text.startsWith(option, negated ? this.#at + 2 : this.#at)) return undefined;
    if (negated && !this.#takes('! ')) return null;
    this.#at += option.length;
    const network = parseNetwork(this.#word());
    return network === undefined || network.prefix === 0 ? null : { negated, network };
  }

  /** Lists of just their length: one that grows has room for 17. */
  #matches(protocol: ProtocolMatch | undefined): readonly Match[] | undefined {
    let matches: readonly Match[] = NO_MATCHES;
    while (this.#takes('-m ')) {
      const match = this.#match(protocol);
      if (match === undefined || matches.length === MOST_MATCHES) return undefined;
      matches = matches.length === 0 ? [match] : [...matches, match];
    }
    return matches;
  }

  #match(protocol: ProtocolMatch | undefined): Match | undefined {
    if (this.#takes('comment --comment ')) return this.#commentMatch();
    if (protocol === TCP && this.#takes('tcp ')) return this.#ports(ANY_TCP);
    if (protocol === UDP && this.#takes('udp ')) return this.#ports(ANY_UDP);
    if (!this.#takes('statistic --mode random --probability ')) return undefined;
    const threshold = readThreshold(this.#word());
    return threshold === undefined ? undefined : { kind: 'statistic-random', negated: false, threshold };
  }

  #ports(any: TcpMatch | UdpMatch): Match | undefined {
    if (!this.#takes('--dport ')) return any;
    const port = readUint(this.#word(), UINT16);
    return port === undefined ? undefined : { ...any, destinationPorts: { negated: false, first: port, last: port } };
  }

  #commentMatch(): CommentMatch | undefined {
    const text = this.#commentText();
    if (text === undefined) return undefined;
    if (text !== this.#comment.text) this.#comment = { kind: 'comment', text };
    return this.#comment;
  }

  #commentText(): string | undefined {
    if (this.#text.charCodeAt(this.#at) !== QUOTE) {
      const word = this.#word();
      return PLAIN.test(word) ? word : undefined;
    }
    const close = this.#text.indexOf('"', this.#at + 1);
    if (close === -1 || this.#text.charCodeAt(close + 1) !== BLANK) return undefined;
    const quoted = this.#text.slice(this.#at + 1, close);
    this.#at = close + 2;
    return quoted.includes('\\') ? undefined : quoted;
  }

  /** The last words of the rule. */
  #target(protocol: ProtocolMatch | undefined): Target | undefined {
    if (this.#takes('-j DNAT --to-destination ')) {
      const to = readNatRange(this.#text.slice(this.#at));
      if (to === undefined || (to.ports !== undefined && protocol === undefined)) return undefined;
      return { kind: 'dnat', to, random: false, randomFully: false, persistent: false };
    }
    if (!this.#takes(JUMP)) return undefined;
    const name = this.#text.slice(this.#at - OWN.length);
    if (name === this.#jump?.chain) return this.#jump;
    const chain = this.#chains.get(name)?.name;
    if (chain === undefined || chain.includes('"')) return undefined;
    this.#jump = { kind: 'jump', chain };
    return this.#jump;
  }
}
