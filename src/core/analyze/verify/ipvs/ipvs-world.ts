import { ipFromNumber, type Ip } from '../../../model/ip.ts';
import type { IpvsConfig } from '../../../model/proxy-config.ts';
import { kubeSetName } from '../../../ruleset/kube-ip-sets.ts';
import { virtualServerKey } from '../../../ruleset/virtual-server.ts';
import type { Programs } from '../programs.ts';
import type { SpecificationCuts } from '../specification.ts';
import type { IpvsSubject, VerifySubject } from '../verify-ruleset.ts';
import { ipvsSpecificationCuts, type IpvsMeaning } from './ipvs-specification.ts';
import { ServedPlaces } from './served-places.ts';
import { SetIndex } from './set-index.ts';

/** What the proof of a node in ipvs mode rests on besides its rules. */
export interface IpvsWorld {
  readonly meaning: IpvsMeaning;
  readonly config: IpvsConfig;
  readonly servers: ServedPlaces;
  readonly sets: SetIndex;
  /** Where virtual servers, sets and the Services cut packets; where rules do is added to it. */
  readonly cuts: SpecificationCuts;
  /** What kube-ipvs0 is taken to have: the addresses of virtual servers and of KUBE-IPVS-IPS. */
  readonly bound: readonly Ip[];
  /** Virtual servers that nothing here can follow, in words. */
  readonly unclear: readonly string[];
}

export function ipvsWorld(
  programs: Programs,
  { table, settings, localAddresses, ipvs }: VerifySubject & { readonly ipvs: IpvsSubject },
): IpvsWorld {
  const { family } = settings;
  const { config } = ipvs;
  // There are no nodePorts at loopback, whatever is configured.
  const meaning = { table, settings: { ...settings, localhostNodePorts: false }, config, localAddresses };
  const servers = new ServedPlaces(ipvs.table, family, config.excludeCidrs);
  const sets = new SetIndex(ipvs.sets, family);
  const own = ipvsSpecificationCuts(meaning);
  const asked = sets.cuts(programs.rules);
  const addresses = new Set([...servers.all.map(({ address }) => address), ...ipvsIps(ipvs, family)]);
  const known = new Set(localAddresses.map(({ text }) => text));
  const bound = [...addresses].map((address) => ipFromNumber(family, address)).filter(({ text }) => !known.has(text));
  return {
    meaning,
    config,
    servers,
    sets,
    bound,
    cuts: {
      points: [...own.points, ...asked.points, ...servers.points],
      ports: [...own.ports, ...asked.ports],
      sources: [...own.sources, ...asked.sources],
      destinations: [...own.destinations, ...asked.destinations, ...servers.wholeAddresses],
      interfaces: own.interfaces,
    },
    unclear: [
      ...ipvs.table.virtualServers.flatMap((server) =>
        server.address.kind === 'mark' && server.address.family === family
          ? [`the virtual server ${virtualServerKey(server)} takes whatever has its mark`]
          : [],
      ),
      // Each of its packets keeps its port, and classes of ports end at virtual servers.
      ...servers.all.flatMap(({ key, port, targets }) =>
        port === 0 && targets.length > 0 ? [`the virtual server ${key} takes connections to every port`] : [],
      ),
    ],
  };
}

function ipvsIps({ sets }: IpvsSubject, family: Ip['family']): readonly bigint[] {
  const set = sets.get(kubeSetName('IPVS-IPS', family));
  return (set?.entries ?? []).flatMap(({ parts: [part] }) =>
    part?.kind === 'network' && part.network.family === family ? [part.network.base] : [],
  );
}
