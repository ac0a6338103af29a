import { realServerKey } from '../../../ruleset/virtual-server.ts';
import { isLocalPolicy, signatureOf, sortDrafts, stickinessOf, type IpvsDraft } from './ipvs-drafts.ts';

/**
 * Puts together what seems to be of one service port. IPVS has no names, so this is drawn from what the virtual servers have in common: an
 * external address or a node port goes with the only cluster IP that has the same real servers, protocol, scheduler and persistence, and, if
 * it is an address, the same port; under the policy Local it may have fewer of the real servers. Where several have, or none, it stays by
 * itself; so does what has no real servers.
 */
export function joinDrafts(drafts: readonly IpvsDraft[]): readonly (readonly IpvsDraft[])[] {
  const owners = new Owners(drafts.filter(({ kind }) => kind === 'cluster-ip'));
  const alone: IpvsDraft[] = [];
  const joining = new Map<IpvsDraft, IpvsDraft[]>();
  for (const draft of drafts) {
    if (draft.kind === 'cluster-ip') continue;
    const owner = draft.kind === 'virtual-server' ? undefined : owners.of(draft);
    if (owner === undefined) alone.push(draft);
    else joining.set(owner, [...(joining.get(owner) ?? []), draft]);
  }
  const groups = owners.drafts.map((owner) => {
    const own = joining.get(owner) ?? [];
    // A service port has one node port.
    const isUnclear = own.filter(({ kind }) => kind === 'node-port').length > 1;
    const kept = isUnclear ? own.filter(({ kind }) => kind !== 'node-port') : own;
    if (isUnclear) alone.push(...own.filter(({ kind }) => kind === 'node-port'));
    return sortDrafts([owner, ...kept]);
  });
  return [...groups, ...sortDrafts(alone).map((draft) => [draft])];
}

/** Cluster IPs with real servers, by what others must have in common with them. */
class Owners {
  readonly drafts: readonly IpvsDraft[];
  readonly #same = new Map<string, IpvsDraft[]>();
  /** By each of their real servers. */
  readonly #holding = new Map<string, IpvsDraft[]>();

  constructor(drafts: readonly IpvsDraft[]) {
    this.drafts = drafts;
    for (const draft of drafts) {
      for (const key of sameKeys(draft)) add(this.#same, key, draft);
      for (const key of holdingKeys(draft)) add(this.#holding, key, draft);
    }
  }

  of(draft: IpvsDraft): IpvsDraft | undefined {
    const isFitting = ({ port }: IpvsDraft): boolean => draft.kind === 'node-port' || port === draft.port;
    const same = sameKeys(draft)
      .flatMap((key) => this.#same.get(key) ?? [])
      .filter(isFitting);
    if (same.length > 0 || !isLocalPolicy(draft)) return same.length === 1 ? same[0] : undefined;
    const [first, ...others] = holdingKeys(draft).map((key) => this.#holding.get(key) ?? []);
    const holding = (first ?? []).filter((owner) => isFitting(owner) && others.every((list) => list.includes(owner)));
    return holding.length === 1 ? holding[0] : undefined;
  }
}

function add(map: Map<string, IpvsDraft[]>, key: string, draft: IpvsDraft): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [draft]);
  else known.push(draft);
}

function sameKeys({ servers: [server], protocol }: IpvsDraft): readonly string[] {
  return server === undefined || server.realServers.length === 0 ? [] : [`${protocol ?? ''} ${signatureOf(server)}`];
}

function holdingKeys({ servers: [server], protocol }: IpvsDraft): readonly string[] {
  return (server?.realServers ?? []).map((real) =>
    server === undefined ? '' : `${protocol ?? ''} ${stickinessOf(server)} ${realServerKey(real)}`,
  );
}
