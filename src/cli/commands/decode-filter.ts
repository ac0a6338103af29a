import type { DecodedServicePort } from '../../core/analyze/decode/decoded-rules.ts';
import { savedAddress } from '../../core/ruleset/ip-network.ts';

/** Which service ports are asked for: those that fit everything that is given. */
export interface DecodeFilter {
  readonly namespace: string | undefined;
  /** `web`, `shop/web` or `shop/web:http`; any of them. Empty: all. */
  readonly names: readonly string[];
  /** Of a frontend or an endpoint, in any spelling. */
  readonly ip: string | undefined;
  /** Of a frontend, an endpoint or a health check. */
  readonly port: number | undefined;
  /** Its name, or the hash in it. */
  readonly chain: string | undefined;
}

export function isFilter({ namespace, names, ip, port, chain }: DecodeFilter): boolean {
  return [namespace, ip, port, chain].some((part) => part !== undefined) || names.length > 0;
}

export function fitsFilter(service: DecodedServicePort, filter: DecodeFilter): boolean {
  const { namespace, names, ip, port, chain } = filter;
  return (
    (namespace === undefined || service.namespace === namespace) &&
    (names.length === 0 || names.some((name) => hasName(service, name))) &&
    (ip === undefined || hasAddress(service, savedAddress(ip)?.text ?? ip)) &&
    (port === undefined || hasPort(service, port)) &&
    (chain === undefined || hasChain(service, chain.toUpperCase()))
  );
}

export function hasName({ name, serviceName, namespace }: DecodedServicePort, given: string): boolean {
  return given === name || given === serviceName || given === `${namespace ?? ''}/${serviceName ?? ''}`;
}

function hasAddress({ frontends, endpoints }: DecodedServicePort, ip: string): boolean {
  const is = (address: string | undefined): boolean =>
    address !== undefined && (address === ip || savedAddress(address)?.text === ip);
  return frontends.some(({ address }) => is(address)) || endpoints.some(({ address }) => is(address));
}

function hasPort({ frontends, endpoints, healthCheckNodePort }: DecodedServicePort, port: number): boolean {
  return [...frontends, ...endpoints].some((place) => place.port === port) || healthCheckNodePort?.port === port;
}

/** Any upper case: hashes are base32, and so are the prefixes. */
function hasChain({ chains, endpoints, frontends }: DecodedServicePort, given: string): boolean {
  const names = [
    ...chains.map(({ name }) => name),
    ...[...endpoints, ...frontends].flatMap(({ chain }) => chain ?? []),
  ];
  return names.some((name) => name.toUpperCase() === given || name.toUpperCase().endsWith(`-${given}`));
}
