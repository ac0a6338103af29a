import { connectionPlace, deleteCommand, serviceConnections } from './connection-index.ts';
import type { Found } from './finding.ts';
import { groupedBy } from './grouped.ts';
import type { LintContext } from './lint-context.ts';
import { counted } from './places.ts';
import { frontendText } from './frontend.ts';

/** One finding for each Service address and endpoint. */
export function staleGroups(context: LintContext, protocol: number, name: string): readonly Found[] {
  const stale = serviceConnections(context).filter(({ entry, isCurrent }) => entry.protocol === protocol && !isCurrent);
  const groups = groupedBy(
    stale,
    ({ entry, endpoint }) => `${entry.original.destination} ${entry.original.destinationPort ?? 0} ${endpoint ?? ''}`,
  );
  return [...groups.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const { destination: address, destinationPort: port = 0 } = first.entry.original;
    const to = frontendText({ address, port, protocol });
    return [
      {
        message: `${counted(more.length + 1, 'connection')} to ${to}${first.service === undefined ? '' : ` (${first.service})`} lead${more.length === 0 ? 's' : ''} to ${first.endpoint ?? ''}, which is no endpoint of it`,
        place: connectionPlace(context, first),
        service: first.service,
        related: more.slice(0, 20).flatMap((one) => connectionPlace(context, one) ?? []),
        fix: deleteCommand(first, name),
      },
    ];
  });
}
