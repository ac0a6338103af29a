// The client's program: reads probes from standard input, opens their connections one after the other, and prints the outcomes.
// A new connection each time, never a kept one: only the first packet of a connection passes the nat table.
import { createSocket, type Socket } from 'node:dgram';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { EchoAnswer, Outcome, Probe } from './probe.ts';

type Ended = { readonly answer: string } | { readonly code: string };

function overTcp(probe: Probe, source: string | undefined): Promise<Ended> {
  return new Promise((resolve) => {
    const socket = connect({
      host: probe.host,
      port: probe.port,
      ...(source === undefined ? {} : { localAddress: source }),
    });
    let received = '';
    const end = (ended: Ended): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(ended);
    };
    const timer = setTimeout(() => end({ code: 'ETIMEDOUT' }), probe.timeoutMs);
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write('GET / HTTP/1.0\r\n\r\n'));
    socket.on('data', (chunk: string) => (received += chunk));
    socket.on('end', () => end({ answer: received.slice(received.indexOf('\r\n\r\n')) }));
    socket.on('error', (error: NodeJS.ErrnoException) => end({ code: error.code ?? 'unknown' }));
  });
}

/** Open until the end: a source port that comes again belongs to the connection of before, for conntrack as for IPVS. */
const udpSockets: Socket[] = [];

function overUdp(probe: Probe, source: string | undefined): Promise<Ended> {
  return new Promise((resolve) => {
    const socket = createSocket(probe.host.includes(':') ? 'udp6' : 'udp4');
    udpSockets.push(socket);
    const end = (ended: Ended): void => {
      clearTimeout(timer);
      resolve(ended);
    };
    const timer = setTimeout(() => end({ code: 'ETIMEDOUT' }), probe.timeoutMs);
    socket.on('message', (message) => end({ answer: message.toString() }));
    socket.on('error', (error: NodeJS.ErrnoException) => end({ code: error.code ?? 'unknown' }));
    // A connected socket is told of an ICMP unreachable; an unconnected one is not.
    socket.bind(0, source, () => socket.connect(probe.port, probe.host, () => socket.send('who')));
  });
}

function outcome(ended: Ended, ms: number): Outcome {
  if ('answer' in ended) {
    const { server, client }: EchoAnswer = JSON.parse(ended.answer);
    return { kind: 'answered', server, client, ms };
  }
  if (ended.code === 'ECONNREFUSED') return { kind: 'refused', ms };
  if (ended.code === 'ETIMEDOUT') return { kind: 'timeout', ms };
  return { kind: 'failed', code: ended.code, ms };
}

async function run(probe: Probe): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let i = 0; i < probe.count; i += 1) {
    const source = probe.sources?.[i % probe.sources.length];
    const start = performance.now();
    const unanswered = outcomes.filter((one) => one.kind !== 'answered').length;
    if (unanswered >= (probe.giveUpAfter ?? Infinity)) break;
    const ended = await (probe.protocol === 'tcp' ? overTcp(probe, source) : overUdp(probe, source));
    outcomes.push(outcome(ended, performance.now() - start));
  }
  return outcomes;
}

const probes: Probe[] = JSON.parse(await text(process.stdin));
const results: Outcome[][] = [];
for (const probe of probes) results.push(await run(probe));
for (const socket of udpSockets) socket.close();
process.stdout.write(JSON.stringify(results));
