import type { IpFamily } from '../../model/ip.ts';
import type { IpSet } from '../../ruleset/ip-set.ts';
import type { VirtualServerIndex } from '../ipvs/virtual-server-index.ts';
import type { KnownAddress } from './address.ts';
import { assumedAnswer, type Question } from './question.ts';

/** What somebody knows beside the dump. */
export interface Assumptions {
  /** Addresses of this node, besides 127.0.0.0/8 and ::1. If any are given, these are all of their family. */
  readonly localAddresses?: readonly KnownAddress[] | undefined;
  /**
   * The address that MASQUERADE takes for packets that leave by an interface, and REDIRECT for those that come in by it. Undefined: not
   * known, unless the node has but one.
   */
  readonly interfaceAddress?: ((name: string | undefined, family: IpFamily) => KnownAddress | undefined) | undefined;
  /** By name. A set that is not here is not known. */
  readonly sets?: ReadonlyMap<string, IpSet> | undefined;
  /** All virtual servers of the node. Undefined: not known. */
  readonly ipvs?: VirtualServerIndex | undefined;
  /**
   * Asked first; undefined leaves the question to the default: most are assumed to be the common case, and members of unknown sets, matches and
   * targets that are not known are followed both ways. `either` follows both ways too. It must give the same answer to the same key.
   */
  readonly answer?: ((question: Question) => boolean | 'either' | undefined) | undefined;
}

/** An answer that was not given by anybody, and without which the result could be another. */
export interface MadeAssumption {
  readonly question: Question;
  readonly answer: boolean;
}

interface AskedSoFar {
  readonly made: number;
  readonly open: number;
}

/** Answers questions, and remembers what had to be assumed. */
export class Asker {
  readonly #assumptions: Assumptions;
  readonly #made = new Map<string, MadeAssumption>();
  readonly #open = new Map<string, Question>();

  constructor(assumptions: Assumptions) {
    this.#assumptions = assumptions;
  }

  get assumptions(): Assumptions {
    return this.#assumptions;
  }

  /** Undefined: both ways are possible. */
  ask(question: Question): boolean | undefined {
    const given = this.#assumptions.answer?.(question);
    if (given === true || given === false) return given;
    const assumed = given === 'either' ? undefined : assumedAnswer(question);
    if (assumed === undefined) {
      if (!this.#open.has(question.key)) this.#open.set(question.key, question);
    } else if (!this.#made.has(question.key)) {
      this.#made.set(question.key, { question, answer: assumed });
    }
    return assumed;
  }

  /** What has been asked so far. */
  remember(): AskedSoFar {
    return { made: this.#made.size, open: this.#open.size };
  }

  /** As if nothing had been asked since: it made no difference. */
  forgetSince({ made, open }: AskedSoFar): void {
    for (const key of [...this.#made.keys()].slice(made)) this.#made.delete(key);
    for (const key of [...this.#open.keys()].slice(open)) this.#open.delete(key);
  }

  /** In the order in which they were asked. */
  get made(): readonly MadeAssumption[] {
    return [...this.#made.values()];
  }

  get open(): readonly Question[] {
    return [...this.#open.values()];
  }
}
