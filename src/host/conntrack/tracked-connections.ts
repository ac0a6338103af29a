import type { TrackedConnection } from '../../core/analyze/conntrack/tracked-connection.ts';
import { parseIp } from '../../core/model/ip.ts';
import type { ConntrackEntry } from '../../core/ruleset/conntrack-entry.ts';

/** Entries of a listing that have ports, with addresses in canonical text. */
export function trackedConnections(entries: readonly ConntrackEntry[]): readonly TrackedConnection[] {
  const known = new Map<string, string | undefined>();
  const canonical = (text: string): string | undefined => {
    if (!known.has(text)) known.set(text, parseIp(text)?.text);
    return known.get(text);
  };
  return entries.flatMap(({ protocol, original, reply }): readonly TrackedConnection[] => {
    const { sourcePort, destinationPort } = original;
    const { sourcePort: targetPort } = reply;
    const [source, destination, target] = [original.source, original.destination, reply.source].map(canonical);
    if (source === undefined || destination === undefined || target === undefined) return [];
    if (sourcePort === undefined || destinationPort === undefined || targetPort === undefined) return [];
    return [{ protocol, source, sourcePort, destination, destinationPort, target, targetPort }];
  });
}
