import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { AuthenticatedOptions } from './authenticate.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { credentialsError } from './credentials-error.ts';
import { transportError } from './transport-error.ts';

export interface ApiAnswer {
  readonly status: number;
  /** Seconds, where the server asks for patience. */
  readonly retryAfter: number | undefined;
  readonly body: string;
}

export interface ApiConnection {
  readonly access: ClusterAccess;
  /**
   * One GET of a path below the server's. Any answer resolves, whatever its status; rejects with a ClusterError where there is none
   * in time.
   */
  readonly get: (path: string) => Promise<ApiAnswer>;
}

const unzip = promisify(gunzip);

/**
 * Makes the credentials, once. Nothing is asked of the API server yet.
 *
 * @param timeoutMs for each request, from its start to the last byte of its answer
 */
export async function connect(access: ClusterAccess, timeoutMs: number): Promise<ApiConnection> {
  const { authenticate } = await import('./authenticate.ts');
  const options = await authenticate(access, timeoutMs).catch((cause: unknown) => {
    throw credentialsError(access, cause);
  });
  return {
    access,
    get: async (path) => {
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        return await getOnce(`${access.server}${path}`, { ...options, signal });
      } catch (cause) {
        throw transportError(access, signal.aborted ? { timeoutMs } : {}, cause);
      }
    },
  };
}

async function getOnce(url: string, options: AuthenticatedOptions): Promise<ApiAnswer> {
  const request = url.startsWith('http:') ? httpRequest : httpsRequest;
  // The API server compresses lists from 128 KB on, to a tenth.
  const headers = {
    ...options.headers,
    Accept: 'application/json',
    'Accept-Encoding': 'gzip',
    'User-Agent': 'chainsmith',
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { ...options, headers }, resolve)
      .on('error', reject)
      .end();
  });
  const bytes = await buffer(response);
  const body = response.headers['content-encoding'] === 'gzip' ? await unzip(bytes) : bytes;
  const seconds = Number(response.headers['retry-after']);
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'] === undefined || !(seconds >= 0) ? undefined : seconds,
    body: body.toString('utf8'),
  };
}
