import { hostCidrText, type IpFamily } from '../../../model/ip.ts';
import { kubeSetName } from '../../../ruleset/kube-ip-sets.ts';
import { protocolText } from '../../../ruleset/protocols.ts';
import type { Step } from '../chain-book.ts';
import type { DecodedMasquerade, SourceClass } from '../decoded-rules.ts';
import { SOURCES, summed } from '../masquerade.ts';
import { isFrom, type Terrain } from '../walk-chain.ts';
import type { IpvsDraft } from './ipvs-drafts.ts';

/** Of nested chains: kube-proxy's are three deep. */
const DEEPEST = 8;

interface Walk {
  readonly draft: IpvsDraft;
  readonly names: ReadonlySet<string> | undefined;
  readonly source: SourceClass;
  readonly terrain: Terrain;
  readonly marks: Step[];
  readonly doubtful: Step[];
}

/** Whose packets to a frontend the rules of nat mark for masquerading, on their way to IPVS. */
export function ipvsMasquerade(draft: IpvsDraft, family: IpFamily, terrain: Terrain): DecodedMasquerade {
  const names = draft.sets && new Set(draft.sets.map((set) => kubeSetName(set, family)));
  const doubtful: Step[] = [];
  const [pod = [], node = [], outside = []] = SOURCES.map((source) => {
    const walk: Walk = { draft, names, source, terrain, marks: [], doubtful };
    follow('KUBE-SERVICES', walk, 0);
    return walk.marks;
  });
  return summed({ pod, node, outside }, [...new Set(doubtful)], terrain);
}

/** Whether packets come back from the chain. */
function follow(chain: string, walk: Walk, depth: number): boolean {
  for (const step of depth > DEEPEST ? [] : (walk.terrain.nat.steps(chain) ?? [])) {
    const fits = isAbout(step, walk);
    if (fits === false) continue;
    const { target } = step.at.rule;
    if (walk.terrain.marksForMasquerade(step.at.rule)) {
      if (fits === undefined) walk.doubtful.push(step);
      else walk.marks.push(step);
      continue;
    }
    if (target.kind === 'jump' || target.kind === 'goto') {
      const comesBack = follow(target.chain, fits === undefined ? { ...walk, marks: walk.doubtful } : walk, depth + 1);
      if (fits === true && (target.kind === 'goto' || !comesBack)) return target.kind === 'goto' && comesBack;
      continue;
    }
    if (fits === undefined || target.kind === 'none' || target.kind === 'mark') continue;
    return target.kind === 'return';
  }
  return true;
}

/** Undefined: for some of its packets, or nobody has said who is in the sets. */
function isAbout({ guard }: Step, { draft, names, source, terrain }: Walk): boolean | undefined {
  const { protocol, port, destination, toLocal, sets, other } = guard;
  if (protocol !== undefined && protocolText(protocol) !== draft.protocol) return false;
  if (port !== undefined && port !== draft.port) return false;
  if (destination !== undefined) {
    const isHere = draft.ip !== undefined && destination.network?.text === hostCidrText(draft.ip);
    if (isHere === destination.negated) return false;
  }
  // Addresses of Services are those of kube-ipvs0.
  if (toLocal === false || !isFrom(guard, source, terrain)) return false;
  const isRange = guard.source !== undefined && !terrain.isDetector(guard.source.text);
  if (isRange && guard.source?.network !== undefined && /^(?:127\.|::1\/)/.test(guard.source.network))
    return guard.source.negated;
  let sure = !isRange && other.length === 0;
  for (const { name, directions, negated } of sets) {
    const found = isMember(name, directions, { draft, names, source });
    if (found === negated) return false;
    if (found === undefined) sure = false;
  }
  return sure ? true : undefined;
}

/** The node speaks to the address of a Service from that very address; nobody else comes from one. */
function isMember(
  name: string,
  directions: readonly string[],
  { draft, names, source }: Pick<Walk, 'draft' | 'names' | 'source'>,
): boolean | undefined {
  if (names === undefined) return undefined;
  const [address] = directions;
  if (address === 'src' && (source !== 'node' || draft.kind === 'node-port')) return false;
  return names.has(name);
}
