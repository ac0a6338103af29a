import type { DecodedServicePort } from '../decode/decoded-rules.ts';
import type { Finding, Place } from '../lint/finding.ts';
import type { ReportedFinding, ReportSource } from './report.ts';

/** A service port and where it is from. */
export interface PlacedService {
  readonly source: ReportSource;
  readonly port: DecodedServicePort;
}

/**
 * Which service ports each finding is about: those of the name that it says, of a port or of a Service, else those in whose chains it
 * stands. A finding without a place is about the Service in all dumps.
 */
export function attachFindings(
  services: readonly PlacedService[],
  findings: readonly Finding[],
): readonly ReportedFinding[] {
  const byName = new Map<string, number[]>();
  const byChain = new Map<string, number[]>();
  for (const [index, { source, port }] of services.entries()) {
    add(byName, port.name, index);
    // What is about all ports of a Service says no port.
    if (port.namespace !== undefined) add(byName, `${port.namespace}/${port.serviceName ?? ''}`, index);
    for (const { table, name } of port.chains) add(byChain, chainKey(source, table, name), index);
    for (const { chain } of port.endpoints)
      if (chain !== undefined) add(byChain, chainKey(source, 'nat', chain), index);
  }
  return findings.map((finding) => {
    const { service, place } = finding;
    const named = service === undefined ? [] : (byName.get(service) ?? []);
    const here = named.filter((index) => place === undefined || isOf(services[index]?.source, place));
    if (here.length > 0) return { finding, services: here };
    const sources = new Set(services.map(({ source }) => source));
    const inChain = [...sources].flatMap((source) => {
      if (place?.chain === undefined || place.table === undefined || !isOf(source, place)) return [];
      return byChain.get(chainKey(source, place.table, place.chain)) ?? [];
    });
    return { finding, services: inChain };
  });
}

function add(to: Map<string, number[]>, key: string, index: number): void {
  const known = to.get(key);
  if (known === undefined) to.set(key, [index]);
  else if (known.at(-1) !== index) known.push(index);
}

function chainKey({ file, rules: { family } }: ReportSource, table: string, chain: string): string {
  return JSON.stringify([file, family, table, chain]);
}

function isOf(source: ReportSource | undefined, { file, family }: Place): boolean {
  return source !== undefined && source.file === file && source.rules.family === family;
}
