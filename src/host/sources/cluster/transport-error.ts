import { describeErrno } from '../errno.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { ClusterError } from './cluster-error.ts';

interface Explanation {
  readonly what: string;
  readonly wayOut: string;
}

const WRONG_CA: Explanation = {
  what: 'its certificate is not signed by the CA that was given',
  wayOut: 'certificate-authority-data of the cluster must hold the CA of this API server',
};

/** OpenSSL's and Node's codes for certificates. */
const TLS: ReadonlyMap<string, Explanation> = new Map([
  ...[
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_SIGNATURE_FAILURE',
  ].map((code) => [code, WRONG_CA] as const),
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    {
      what: 'its certificate is for other names',
      wayOut: 'Use a name of the certificate as the server, or give tls-server-name',
    },
  ],
  ['CERT_HAS_EXPIRED', { what: 'its certificate has expired', wayOut: "Renew it, or check this machine's clock" }],
  ['CERT_NOT_YET_VALID', { what: 'its certificate is not valid yet', wayOut: "Check this machine's clock" }],
]);

/** What OpenSSL makes of an answer that is no TLS. */
const NO_TLS = /wrong version number|packet length too long|record layer failure/;

const NETWORK: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'Nothing listens there. Is the cluster running, and the port right?'],
  ['ENOTFOUND', "No such name. Check the server's name, and this machine's DNS or VPN"],
  ['EAI_AGAIN', "The name server does not answer. Check this machine's DNS or VPN"],
  ['EHOSTUNREACH', 'No route leads there. Is a VPN missing?'],
  ['ENETUNREACH', 'No route leads there. Is a VPN missing?'],
  ['ETIMEDOUT', 'Nothing answers there. Is a VPN or firewall in the way?'],
  ['ECONNRESET', 'The connection was closed. Is a proxy or load balancer in the way?'],
]);

/** Where a request got no answer: why, and what to look at. `timeoutMs` is set if the time was up. */
export function transportError(
  access: ClusterAccess,
  { timeoutMs }: { readonly timeoutMs?: number },
  cause: unknown,
): ClusterError {
  const head = `cannot read the cluster ${access.name} at ${access.server}`;
  if (timeoutMs !== undefined) {
    const advice = `Is a VPN or firewall in the way? --request-timeout gives it more time\n${comesFrom(access)}`;
    return new ClusterError('timeout', `${head}: no answer within ${timeoutMs / 1000} s`, { advice, cause });
  }
  const { code = '', text } = describeErrno(cause);
  const tls = TLS.get(code);
  if (tls !== undefined)
    return new ClusterError('tls', `${head}: ${tls.what}`, { advice: advise(tls.wayOut, access), cause });
  if (/^(?:ERR_SSL_|ERR_OSSL_|ERR_TLS_|CERT_)/.test(code) || code === 'EPROTO') {
    const reason = opensslReason(cause) ?? text;
    if (NO_TLS.test(reason)) {
      const advice = advise('Is its URL http://, or the port another one?', access);
      return new ClusterError('tls', `${head}: it does not speak TLS`, { advice, cause });
    }
    const wayOut = 'Check the CA, the client certificate and its key in the kubeconfig';
    return new ClusterError('tls', `${head}: ${reason}`, {
      advice: advise(wayOut, access),
      cause,
    });
  }
  const wayOut = NETWORK.get(code) ?? 'Check the server and its network';
  const said = text === '' ? code : text;
  return new ClusterError('unreachable', `${head}: ${said}`, { advice: advise(wayOut, access), cause });
}

function advise(wayOut: string, access: ClusterAccess): string {
  return `${wayOut}\n${comesFrom(access)}`;
}

function comesFrom({ origin, proxyUrl }: ClusterAccess): string {
  const proxy = proxyUrl === undefined ? '' : `, by the proxy ${withoutPassword(proxyUrl)}`;
  return `The server is that of ${origin}${proxy}`;
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}

/** `wrong version number`: a field of the error, or in its message among numbers and names of C files. */
function opensslReason(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  if ('reason' in cause && typeof cause.reason === 'string') return cause.reason;
  return /:SSL routines:[^:]*:([^:]+):/.exec(cause.message)?.[1];
}
