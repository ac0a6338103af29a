import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import type { CompiledVirtualServer } from '../../ruleset/compiled-rules.ts';
import { virtualServerKey } from '../../ruleset/virtual-server.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';

/** A service port with its virtual servers. */
export interface PortServers {
  readonly port: ServicePortEntry;
  readonly servers: readonly CompiledVirtualServer[];
}

/**
 * Gives each address to one service port. What is left to clash after `resolveFrontendConflicts` is a nodePort with the external or load
 * balancer IP of another Service that is an address of the node, and has that very port. In iptables such an IP is looked at before
 * nodePorts are, so it wins here too; kube-proxy's ipvs mode leaves it to chance.
 */
export function resolveClashes(
  ports: readonly PortServers[],
  diagnostics: Diagnostic[],
): readonly CompiledVirtualServer[] {
  const owners = new Map<string, CompiledVirtualServer>();
  for (const isNodePort of [false, true]) {
    for (const { port, servers } of ports) {
      for (const server of servers) {
        if ((server.what === 'nodePort') !== isNodePort) continue;
        const key = virtualServerKey(server);
        const owner = owners.get(key);
        if (owner === undefined) owners.set(key, server);
        else if (owner.service !== server.service) diagnostics.push(clash(key, server, owner, port));
      }
    }
  }
  return ports.flatMap(({ servers }) => servers.filter((server) => owners.get(virtualServerKey(server)) === server));
}

function clash(
  key: string,
  server: CompiledVirtualServer,
  owner: CompiledVirtualServer,
  { namespace, serviceName: name }: ServicePortEntry,
): Diagnostic {
  const message = `${server.what} ${key} belongs to ${owner.service} already as its ${owner.what}; it is left out of ${server.service}`;
  return diagnose('frontend-conflict', { message, subject: { kind: 'Service', namespace, name } });
}
