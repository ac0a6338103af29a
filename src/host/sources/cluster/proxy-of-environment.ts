import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that HTTPS_PROXY (for http:// HTTP_PROXY) names for a server, unless NO_PROXY has it: Go's rules, and so kubectl's. The
 * names count in capitals first, then in small letters; loopback is never proxied.
 */
export function proxyOfEnvironment(server: string, env: Environment): string | undefined {
  const url = new URL(server);
  const either = (name: string): string =>
    [env[name], env[name.toLowerCase()]].find((v) => v !== undefined && v !== '') ?? '';
  const proxy = either(url.protocol === 'http:' ? 'HTTP_PROXY' : 'HTTPS_PROXY').trim();
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port === '' ? (url.protocol === 'http:' ? '80' : '443') : url.port;
  if (proxy === '' || isLoopback(host)) return undefined;
  const excepted = either('NO_PROXY')
    .split(',')
    .some((pattern) => matches(pattern.trim().toLowerCase(), host, port));
  if (excepted) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** `*`, an address, a CIDR, a domain with its subdomains, or `.domain` for these alone; each but a CIDR perhaps with a port. */
function matches(pattern: string, host: string, port: string): boolean {
  if (pattern === '') return false;
  if (pattern === '*') return true;
  if (pattern.includes('/')) return isInside(pattern, host);
  const [, name = '', wanted] =
    /^\[?([^\]]*?)\]?(?::([0-9]+))?$/.exec(isIP(pattern) === 6 ? `[${pattern}]` : pattern) ?? [];
  if (wanted !== undefined && wanted !== port) return false;
  if (isIP(name) !== 0 || isIP(host) !== 0) return name === host;
  const domain = name.replace(/^\*?\./, '');
  return host.endsWith(`.${domain}`) || (domain === name && host === name);
}

function isInside(cidr: string, host: string): boolean {
  const [address = '', length = ''] = cidr.split('/');
  const version = isIP(address);
  if (
    version === 0 ||
    isIP(host) !== version ||
    !/^[0-9]{1,3}$/.test(length) ||
    Number(length) > (version === 4 ? 32 : 128)
  ) {
    return false;
  }
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, Number(length), family);
  return list.check(host, family);
}
