import { didYouMean } from '../../util/suggestion.ts';

/** The kinds that shape Service rules, and the one version that each is read in. */
export const KNOWN_KINDS: ReadonlyMap<string, string> = new Map([
  ['Service', 'v1'],
  ['EndpointSlice', 'discovery.k8s.io/v1'],
  ['Endpoints', 'v1'],
  ['Node', 'v1'],
  ['Pod', 'v1'],
]);

const LIST = 'List';
/** More than any name of a kind; the search takes time that grows with its square. */
const LONGEST = 60;

/** The part of an apiVersion before the slash; the core group has none. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

/** `List`, or the API's own list of a kind that is read, such as ServiceList. */
export function isKnownList(kind: string): boolean {
  return kind === LIST || (kind.endsWith(LIST) && KNOWN_KINDS.has(kind.slice(0, -LIST.length)));
}

/**
 * The kind that was probably meant by one that the API group does not have (`service`, `Services`); undefined if there is none. Kinds
 * of other groups are no slips.
 */
export function kindMeant(kind: string, apiVersion: string): string | undefined {
  const group = groupOf(apiVersion);
  const inGroup = [...KNOWN_KINDS].filter(([, version]) => groupOf(version) === group).map(([known]) => known);
  // Without a group the apiVersion may be forgotten as well.
  const known = group === '' ? [...KNOWN_KINDS.keys(), LIST] : inGroup;
  return kind.length > LONGEST ? undefined : didYouMean(kind, known);
}
