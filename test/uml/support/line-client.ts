// A client that keeps connections open: `node line-client.js`. Each line of its standard input is a request as JSON, each of its standard
// output the answer to one, in the same order.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export type LineRequest =
  | { readonly kind: 'open'; readonly id: string; readonly host: string; readonly port: number }
  /** Answered by the line that comes back; `closed` if the connection is, `nothing` after `patienceMs`. */
  | { readonly kind: 'say'; readonly id: string; readonly line: string; readonly patienceMs: number }
  /** Ends the connection at once, with RST. */
  | { readonly kind: 'reset'; readonly id: string };

const sockets = new Map<string, Socket>();

async function answer(request: LineRequest): Promise<string> {
  if (request.kind === 'open') {
    const socket = connect({ host: request.host, port: request.port });
    sockets.set(request.id, socket.setEncoding('utf8'));
    socket.on('error', () => socket.destroy());
    return await once(socket, 'connect').then(
      () => 'open',
      (error: unknown) => String(error),
    );
  }
  const socket = sockets.get(request.id);
  if (socket === undefined) throw new Error(`there is no connection ${request.id}`);
  if (request.kind === 'reset') {
    socket.resetAndDestroy();
    return 'reset';
  }
  if (socket.closed) return 'closed';
  socket.write(`${request.line}\n`);
  const signal = AbortSignal.timeout(request.patienceMs);
  try {
    const [line]: unknown[] = await once(socket, 'data', { signal });
    return String(line).trimEnd();
  } catch {
    // `once` ends with the first error of the socket, too.
    return signal.aborted ? 'nothing' : 'closed';
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request: LineRequest = JSON.parse(line);
  process.stdout.write(`${await answer(request)}\n`);
}
process.exit(0);
