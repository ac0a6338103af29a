// An API server for tests, on loopback: pages, compression, refusals, and whatever else a test makes it answer.
import { readFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { fieldOf, isMapping } from '../../src/core/util/mapping.ts';
import { RESOURCES, type Resource } from '../../src/host/sources/cluster/resources.ts';
import { listen } from './listen.ts';

/** A file of test/support/tls, which is not built. */
export function tlsPath(name: string): string {
  return fileURLToPath(new URL(`../../../test/support/tls/${name}`, import.meta.url));
}

export interface FakeRequest {
  readonly resource: Resource | undefined;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  /** How many requests for this kind came before. */
  readonly before: number;
  /** Whose certificate the client showed. */
  readonly client: string | undefined;
}

export interface FakeReply {
  readonly status: number;
  /** A text as it is, anything else as JSON. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FakeCluster {
  /** Objects of any kind, as kubectl would print them. */
  readonly objects: readonly unknown[];
  /** At most so many objects per page, whatever limit the client gives. */
  readonly pageSize?: number;
  readonly tls?: boolean;
  /** In the place of the list, where it gives a reply; `hang` never answers. */
  readonly answer?: (request: FakeRequest) => FakeReply | 'hang' | undefined | Promise<FakeReply | 'hang' | undefined>;
}

export interface FakeApiServer {
  readonly url: string;
  readonly requests: readonly FakeRequest[];
}

/** kind: Status, as the API server says no. */
export function status(code: number, reason: string, message: string): FakeReply {
  return { status: code, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code } };
}

/** Runs a test with a server that is gone afterwards. */
export async function withApiServer(
  cluster: FakeCluster,
  test: (server: FakeApiServer) => Promise<void>,
): Promise<void> {
  const requests: FakeRequest[] = [];
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    void reply(cluster, request, response, requests);
  };
  const key = (name: string): Buffer => readFileSync(tlsPath(name));
  const server =
    cluster.tls === true
      ? createHttps(
          {
            key: key('server.key'),
            cert: key('server.crt'),
            ca: key('ca.crt'),
            requestCert: true,
            rejectUnauthorized: false,
          },
          handler,
        )
      : createHttp(handler);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  const port = await listen(server);
  try {
    await test({ url: `http${cluster.tls === true ? 's' : ''}://127.0.0.1:${port}`, requests });
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function reply(
  cluster: FakeCluster,
  message: IncomingMessage,
  response: ServerResponse,
  requests: FakeRequest[],
): Promise<void> {
  const url = new URL(message.url ?? '/', 'http://localhost');
  const resource = RESOURCES.find(({ path }) => url.pathname.endsWith(path));
  const request = {
    resource,
    url,
    headers: message.headers,
    before: requests.filter((r) => r.resource === resource).length,
    client: clientName(message),
  };
  requests.push(request);
  const answer = (await cluster.answer?.(request)) ?? listOf(cluster, request);
  if (answer === 'hang') return;
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const zipped = String(message.headers['accept-encoding']).includes('gzip') && answer.status === 200;
  response.writeHead(answer.status, {
    'Content-Type': 'application/json',
    ...(zipped ? { 'Content-Encoding': 'gzip' } : {}),
    ...answer.headers,
  });
  response.end(zipped ? gzipSync(text) : text);
}

function clientName({ socket }: IncomingMessage): string | undefined {
  const name = socket instanceof TLSSocket ? fieldOf(fieldOf(socket.getPeerCertificate(), 'subject'), 'CN') : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** A page, in the server's own order; items have no kind, as those of the API have none. */
function listOf(cluster: FakeCluster, { resource, url }: FakeRequest): FakeReply {
  if (resource === undefined) return status(404, 'NotFound', 'the server could not find the requested resource');
  const all = cluster.objects.filter((object) => fieldOf(object, 'kind') === resource.kind);
  const limit = Number(url.searchParams.get('limit') ?? Infinity);
  const size = Math.min(limit, limit === Infinity ? Infinity : (cluster.pageSize ?? Infinity));
  const start = Number(url.searchParams.get('continue') ?? 0);
  const items = all.slice(start, start + size).map((object) => withoutKind(object));
  const next = start + size < all.length ? { continue: String(start + size), remainingItemCount: 1 } : {};
  const metadata = { resourceVersion: '1000', ...next };
  return { status: 200, body: { kind: `${resource.kind}List`, apiVersion: resource.apiVersion, metadata, items } };
}

function withoutKind(object: unknown): unknown {
  const entries = isMapping(object) ? Object.entries(object) : [];
  return Object.fromEntries(entries.filter(([key]) => key !== 'kind' && key !== 'apiVersion'));
}
