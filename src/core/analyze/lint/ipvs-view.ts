import { ipFamilies, type IpFamily } from '../../model/ip.ts';
import { decode } from '../decode/decode.ts';
import type { DecodedFrontend, DecodedRules, DecodedServicePort } from '../decode/decoded-rules.ts';
import { ipvsDrafts, type IpvsDraft } from '../decode/ipvs/ipvs-drafts.ts';
import { KubeMembers } from '../ipvs/kube-members.ts';
import type { DumpView } from './dump-view.ts';
import type { Place } from './finding.ts';
import type { LintIpvs, LintSets } from './lint-input.ts';

/** One family of a node in ipvs mode: virtual servers, sets, and the rules that ask them. */
export class IpvsView {
  readonly family: IpFamily;
  readonly ipvs: LintIpvs | undefined;
  readonly sets: LintSets | undefined;
  /** Of the dumps with rules of the ipvs mode the first; undefined: there is none of this family. */
  readonly dump: DumpView | undefined;
  /** Whether a dump of this family is of another mode. */
  readonly otherMode: DumpView | undefined;
  readonly members: KubeMembers | undefined;
  #drafts: readonly IpvsDraft[] | undefined;
  #decoded: DecodedRules | undefined;

  constructor(family: IpFamily, dumps: readonly DumpView[], ipvs: LintIpvs | undefined, sets: LintSets | undefined) {
    this.family = family;
    this.ipvs = ipvs;
    this.sets = sets;
    const own = dumps.filter((dump) => dump.family === family);
    this.dump = own.find(({ modes }) => modes.has('ipvs'));
    this.otherMode = this.dump === undefined ? own.find(({ modes }) => modes.size > 0) : undefined;
    this.members = sets === undefined ? undefined : new KubeMembers(sets.sets, family);
  }

  /** Addresses and node ports, by what virtual servers and sets say of them. */
  get drafts(): readonly IpvsDraft[] {
    return (this.#drafts ??= ipvsDrafts(this.family, this.ipvs?.table, this.members));
  }

  /** What rules do with the addresses. Empty without rules of the ipvs mode. */
  get frontends(): readonly DecodedFrontend[] {
    return this.servicePorts.flatMap(({ frontends }) => frontends);
  }

  /** Addresses with the same real servers count as one. Empty without rules of the ipvs mode. */
  get servicePorts(): readonly DecodedServicePort[] {
    if (this.dump === undefined) return [];
    this.#decoded ??= decode(this.dump.ruleset, { ipvs: this.ipvs?.table, sets: this.sets?.sets });
    return this.#decoded.servicePorts.filter(({ ipvs }) => ipvs !== undefined);
  }

  get serverPlace(): Place {
    return this.#place(this.ipvs?.file);
  }

  get setPlace(): Place {
    return this.#place(this.sets?.file);
  }

  #place(file: string | undefined): Place {
    const { family } = this;
    return { file: file ?? '', family, table: undefined, chain: undefined, line: undefined, text: undefined };
  }
}

export function ipvsViews(
  dumps: readonly DumpView[],
  ipvs: LintIpvs | undefined,
  sets: LintSets | undefined,
): readonly IpvsView[] {
  if (ipvs === undefined && sets === undefined) return [];
  return ipFamilies.map((family) => new IpvsView(family, dumps, ipvs, sets));
}
