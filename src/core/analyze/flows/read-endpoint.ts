import type { FieldPath } from '../../diag/source-location.ts';
import { parseIp, type Ip } from '../../model/ip.ts';
import type { FlowEndpoint } from './flow.ts';
import type { Problems } from './problems.ts';

/** `10.244.0.5:8080` or `[fd00::5]:8080`; anything else is a problem. */
export function readEndpoint(value: unknown, path: FieldPath, problems: Problems): FlowEndpoint | undefined {
  const parts = typeof value === 'string' ? splitEndpoint(value) : undefined;
  if (parts?.port !== undefined) return endpointOf(parts.ip, parts.port);
  const hint = typeof value === 'number' ? 'quote it: YAML reads 1:30 as a number' : undefined;
  problems.wrong(path, value, 'an endpoint such as 10.244.0.5:8080 or "[fd00::5]:8080"', hint);
  return undefined;
}

export function endpointOf({ family, text }: Ip, port: number): FlowEndpoint {
  return { family, text: family === 'ipv4' ? `${text}:${port}` : `[${text}]:${port}` };
}

/** `10.0.0.1`, `10.0.0.1:80`, `fd00::1`, `[fd00::1]:80`; undefined if it is none of these. */
export function splitEndpoint(text: string): { readonly ip: Ip; readonly port: number | undefined } | undefined {
  const [, bracketed, bracketPort] = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? [];
  const [, v4, v4Port] = /^([\d.]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const ip = parseIp(bracketed ?? v4 ?? text);
  const port = bracketPort ?? v4Port;
  if (ip === undefined || (port !== undefined && !isPort(Number(port)))) return undefined;
  return { ip, port: port === undefined ? undefined : Number(port) };
}

export function isPort(port: unknown): port is number {
  return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535;
}
