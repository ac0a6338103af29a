import type { PlacedService } from './attach-findings.ts';
import type { TracedPacket } from './report.ts';

/** Which service ports the packet of a trace goes through: those in whose chains a rule matched. */
export function tracedServices(
  traced: TracedPacket | undefined,
  services: readonly PlacedService[],
): ReadonlySet<number> {
  if (traced === undefined) return new Set();
  const chains = new Set<string>();
  const lines = new Set<number>();
  for (const { steps } of traced.trace.outcomes) {
    for (const { table, chain, rule } of steps) {
      chains.add(`${table} ${chain}`);
      if (rule !== undefined) lines.add(rule.line);
    }
  }
  const indexes = services.flatMap(({ source, port }, index) => {
    if (source !== traced.source) return [];
    const passed = port.chains.some(({ table, name }) => chains.has(`${table} ${name}`));
    const refused = port.frontends.some(({ refusal }) => refusal?.lines.some((line) => lines.has(line)) === true);
    return passed || refused ? [index] : [];
  });
  return new Set(indexes);
}
