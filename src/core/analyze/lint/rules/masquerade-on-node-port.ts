import type { LintContext } from '../lint-context.ts';
import type { LintRule } from '../lint-rule.ts';
import { frontendText } from '../frontend.ts';

export const masqueradeOnNodePort: LintRule = {
  code: 'masquerade-on-node-port',
  severity: 'warning',
  title: 'a masqueraded connection has the number of a node port',
  needs: 'conntrack',
  holds: 'No masqueraded connection was given the number of a node port as its source port.',
  why: 'The kernel chooses ports for masquerading among all from 1024 on, node ports included. While the connection lasts, its answers and new connections to that node port from the same peer have the same addresses and ports, and one of them is lost.',
  issues: ['kubernetes/kubernetes#139276', 'kubernetes/kubernetes#76699'],
  fix: 'Nothing for this one: it ends by itself. Where it happens often, keep the node port range apart (net.ipv4.ip_local_port_range), and node ports few.',
  check: (context) => {
    const { conntrack } = context;
    if (conntrack === undefined) return [];
    const nodePorts = nodePortsOf(context);
    if (nodePorts.size === 0) return [];
    return conntrack.entries.flatMap(({ original, reply, protocol, line }) => {
      const port = reply.destinationPort;
      if (port === undefined || reply.destination === original.source || port === original.sourcePort) return [];
      const service = nodePorts.get(`${port}/${protocol}`);
      if (service === undefined) return [];
      const family = original.source.includes(':') ? 'ipv6' : 'ipv4';
      return [
        {
          message: `${original.source} to ${original.destination} was masqueraded as ${reply.destination}:${port}, and ${frontendText({ address: undefined, port, protocol })} is of ${service}`,
          place: { file: conntrack.file, family, table: undefined, chain: undefined, line, text: undefined } as const,
          service,
        },
      ];
    });
  },
};

function nodePortsOf({ dumps }: LintContext): ReadonlyMap<string, string> {
  return new Map(
    dumps.flatMap(({ services }) =>
      services.frontends
        .filter(({ kind }) => kind === 'node-port')
        .map(({ port, protocol, chain }) => [`${port}/${protocol}`, services.label(chain)] as const),
    ),
  );
}
