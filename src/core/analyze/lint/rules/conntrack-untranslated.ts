import { connectionPlace, serviceConnections } from '../connection-index.ts';
import { groupedBy } from '../grouped.ts';
import type { LintRule } from '../lint-rule.ts';
import { counted } from '../places.ts';
import { frontendText } from '../frontend.ts';

export const conntrackUntranslated: LintRule = {
  code: 'conntrack-untranslated',
  severity: 'error',
  title: 'UDP clients of a Service are not sent to any endpoint',
  needs: 'conntrack',
  holds: 'Every remembered UDP connection to an address of a Service with endpoints was translated.',
  why: 'The first packet came when the Service had no endpoints or no rules yet, and the kernel remembers that it was sent on as it was. A client that goes on asking from the same port keeps the entry alive, and never gets an answer.',
  issues: ['kubernetes/kubernetes#48370', 'kubernetes/kubernetes#125467'],
  fix: 'Delete the entries with conntrack -D; only these need to go.',
  check: (context) => {
    const lost = serviceConnections(context).filter(
      ({ entry, endpoint, hasEndpoints }) => entry.protocol === 17 && endpoint === undefined && hasEndpoints,
    );
    const groups = groupedBy(
      lost,
      ({ entry }) => `${entry.original.destination} ${entry.original.destinationPort ?? 0}`,
    );
    return [...groups.values()].flatMap(([first, ...more]) => {
      if (first === undefined) return [];
      const { destination: address, destinationPort: port = 0 } = first.entry.original;
      return [
        {
          message: `${counted(more.length + 1, 'connection')} to ${frontendText({ address, port, protocol: 17 })}${first.service === undefined ? '' : ` (${first.service})`} ${more.length === 0 ? 'was' : 'were'} sent to no endpoint`,
          place: connectionPlace(context, first),
          service: first.service,
          related: more.slice(0, 20).flatMap((one) => connectionPlace(context, one) ?? []),
          fix: `conntrack -D -p udp --orig-dst ${address} --orig-port-dst ${port} --reply-src ${address}`,
        },
      ];
    });
  },
};
