import { ipFamilies, type IpFamily } from '../../model/ip.ts';
import type { Flow, FlowEndpoint } from './flow.ts';

/** The families of the endpoints that a flow names; undefined if it names none. */
export function familiesNamed({ expect, remembered }: Flow): readonly IpFamily[] | undefined {
  const reaches = expect.kind === 'endpoints' ? (expect.reaches ?? []) : [];
  const named: readonly FlowEndpoint[] = [...reaches, ...(remembered === undefined ? [] : [remembered])];
  if (named.length === 0) return undefined;
  return ipFamilies.filter((family) => named.some((endpoint) => endpoint.family === family));
}
