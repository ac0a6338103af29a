/** The words of one rule as the packet walker understands them. Unknown words are an error. */
export type WalkMatch =
  | { readonly kind: 'source'; readonly cidr: string; readonly not: boolean }
  | { readonly kind: 'destination'; readonly cidr: string; readonly not: boolean }
  | { readonly kind: 'in-interface'; readonly name: string; readonly not: boolean }
  | { readonly kind: 'protocol'; readonly protocol: string }
  | { readonly kind: 'destination-port'; readonly port: number }
  | { readonly kind: 'conntrack-state'; readonly states: readonly string[]; readonly not: boolean }
  | { readonly kind: 'mark'; readonly value: number; readonly mask: number; readonly not: boolean }
  | { readonly kind: 'source-local' }
  | { readonly kind: 'destination-local' }
  | { readonly kind: 'recently-seen'; readonly list: string };

export type WalkTarget =
  | { readonly kind: 'none' | 'return' | 'accept' | 'drop' | 'reject' | 'masquerade' }
  | { readonly kind: 'mark'; readonly value: number; readonly mask: number }
  | { readonly kind: 'dnat'; readonly endpoint: string }
  | { readonly kind: 'chain'; readonly chain: string };

export interface WalkRule {
  readonly line: string;
  readonly matches: readonly WalkMatch[];
  /** `-m statistic`: of 2^31 random numbers so many match. */
  readonly threshold: number | undefined;
  /** `-m recent --set`: the list that the client is put into. */
  readonly remembersIn: string | undefined;
  readonly target: WalkTarget;
}

/** Which module each option of a match belongs to; the empty text stands for those that need none. */
const MODULE_OF: Readonly<Record<string, string>> = {
  '--comment': 'comment',
  '--ctstate': 'conntrack',
  '--mark': 'mark',
  '--src-type': 'addrtype',
  '--dst-type': 'addrtype',
  '--mode': 'statistic',
  '--probability': 'statistic',
  '--nfacct-name': 'nfacct',
  '--set': 'recent',
  '--rcheck': 'recent',
  '--reap': 'recent',
  '--rsource': 'recent',
  '--seconds': 'recent',
  '--name': 'recent',
  '--mask': 'recent',
};

const PROTOCOLS = ['tcp', 'udp', 'sctp'];
const MODULES = new Set([...Object.values(MODULE_OF), ...PROTOCOLS]);
const FLAGS = new Set(['--set', '--rcheck', '--reap', '--rsource']);
const MAY_BE_INVERTED = new Set(['-s', '-d', '-i', '--ctstate', '--mark']);

/** `recent --seconds` of session affinity; the API allows a day at most. */
const LONGEST_AFFINITY = 86_400;

export function readRule(words: readonly string[], line: string): WalkRule {
  return new RuleReader(words, line).read();
}

class RuleReader {
  readonly #words: readonly string[];
  readonly #line: string;
  readonly #modules = new Set<string>();
  readonly #matches: WalkMatch[] = [];
  readonly #recent = new Map<string, string>();
  #threshold: number | undefined;
  #at = 0;

  constructor(words: readonly string[], line: string) {
    this.#words = words;
    this.#line = line;
  }

  read(): WalkRule {
    let target: WalkTarget = { kind: 'none' };
    while (this.#at < this.#words.length) {
      const not = this.#words[this.#at] === '!';
      if (not) this.#at += 1;
      const option = this.#next();
      if (not && !MAY_BE_INVERTED.has(option)) this.#fail(`! ${option}`);
      if (option === '-j') target = this.#target();
      else this.#match(option, not);
    }
    if (this.#modules.has('statistic') && this.#threshold === undefined) this.#fail('-m statistic without a chance');
    return { line: this.#line, matches: this.#matches, threshold: this.#threshold, target, remembersIn: this.#seen() };
  }

  #fail(what: string): never {
    throw new Error(`the walker does not know ${what} in: ${this.#line}`);
  }

  #next(): string {
    const word = this.#words[this.#at] ?? this.#fail('a rule that ends here');
    this.#at += 1;
    return word;
  }

  #match(option: string, not: boolean): void {
    const needed = MODULE_OF[option];
    if (needed !== undefined && !this.#modules.has(needed)) this.#fail(`${option} without -m ${needed}`);
    if (FLAGS.has(option)) {
      this.#recent.set(option, '');
      return;
    }
    const value = this.#next();
    switch (option) {
      case '-m':
        if (!MODULES.has(value)) this.#fail(`-m ${value}`);
        this.#modules.add(value);
        return;
      case '-s':
        this.#matches.push({ kind: 'source', cidr: value, not });
        return;
      case '-d':
        this.#matches.push({ kind: 'destination', cidr: value, not });
        return;
      case '-i':
        this.#matches.push({ kind: 'in-interface', name: value, not });
        return;
      case '-p':
        if (!PROTOCOLS.includes(value)) this.#fail(`-p ${value}`);
        this.#matches.push({ kind: 'protocol', protocol: value });
        return;
      case '--dport':
        if (!PROTOCOLS.some((p) => this.#modules.has(p))) this.#fail('--dport without -m tcp');
        this.#matches.push({ kind: 'destination-port', port: this.#number(value, 65_535) });
        return;
      case '--ctstate':
        this.#matches.push({ kind: 'conntrack-state', states: value.split(','), not });
        return;
      case '--mark':
        this.#matches.push({ kind: 'mark', ...this.#mark(value), not });
        return;
      case '--src-type':
      case '--dst-type':
        if (value !== 'LOCAL') this.#fail(`${option} ${value}`);
        this.#matches.push({ kind: option === '--src-type' ? 'source-local' : 'destination-local' });
        return;
      case '--mode':
        if (value !== 'random') this.#fail(`--mode ${value}`);
        return;
      case '--probability':
        this.#threshold = this.#probability(value);
        return;
      case '--seconds':
        this.#number(value, LONGEST_AFFINITY);
        this.#recent.set(option, value);
        return;
      case '--name':
      case '--mask':
        this.#recent.set(option, value);
        return;
      case '--comment':
      case '--nfacct-name':
        // A counter always matches.
        return;
      default:
        this.#fail(option);
    }
  }

  #number(text: string, most: number): number {
    if (!/^[1-9][0-9]{0,9}$/u.test(text) || Number(text) > most) this.#fail(text);
    return Number(text);
  }

  #mark(text: string): { readonly value: number; readonly mask: number } {
    const [, value = '', mask = ''] = /^(0x[0-9a-f]{1,8})\/(0x[0-9a-f]{1,8})$/u.exec(text) ?? this.#fail(text);
    // Bit operators give signed numbers.
    return { value: Number(value) | 0, mask: Number(mask) | 0 };
  }

  /** The kernel rounds the text to a multiple of 2^-31; what is printed must be such a multiple. */
  #probability(text: string): number {
    if (!/^0\.[0-9]{11}$/u.test(text)) this.#fail(`the probability ${text}`);
    const units = Math.round(Number(text) * 2 ** 31);
    if (Math.abs(units / 2 ** 31 - Number(text)) > 0.51e-11) this.#fail(`the probability ${text}`);
    return units;
  }

  /** A rule with `-m recent` either looks for the client or notes it. */
  #seen(): string | undefined {
    if (!this.#modules.has('recent')) return undefined;
    const list = this.#recent.get('--name') ?? this.#fail('-m recent without --name');
    if (!this.#recent.has('--rsource') || !this.#recent.has('--mask')) this.#fail('-m recent');
    if (this.#recent.has('--rcheck') === this.#recent.has('--set')) this.#fail('-m recent');
    if (this.#recent.has('--set')) return list;
    if (!this.#recent.has('--seconds') || !this.#recent.has('--reap')) this.#fail('--rcheck without a time');
    this.#matches.push({ kind: 'recently-seen', list });
    return undefined;
  }

  #target(): WalkTarget {
    const name = this.#next();
    switch (name) {
      case 'RETURN':
        return { kind: 'return' };
      case 'ACCEPT':
        return { kind: 'accept' };
      case 'DROP':
        return { kind: 'drop' };
      case 'REJECT':
        if (!/^icmp6?-port-unreachable$/u.test(this.#option('--reject-with'))) this.#fail('REJECT');
        return { kind: 'reject' };
      case 'MASQUERADE':
        if (this.#at < this.#words.length && this.#next() !== '--random-fully') this.#fail('MASQUERADE');
        return { kind: 'masquerade' };
      case 'DNAT':
        return { kind: 'dnat', endpoint: this.#option('--to-destination') };
      case 'MARK':
        return { kind: 'mark', ...this.#mark(this.#option('--set-xmark')) };
      default:
        if (!/^KUBE-[A-Z0-9-]+$/u.test(name)) this.#fail(`-j ${name}`);
        return { kind: 'chain', chain: name };
    }
  }

  /** The one option of a target. */
  #option(name: string): string {
    if (this.#next() !== name) this.#fail(`a target without ${name}`);
    return this.#next();
  }
}
