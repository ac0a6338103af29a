// A UDP client that keeps its socket, and with it its source port: `node udp-asker.js HOST PORT`. For each line on standard input it asks
// once, and prints who answered, `refused` or `silence`.
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';
import type { EchoAnswer } from '../../../scripts/lab/probe.ts';

const [host = '', port = ''] = process.argv.slice(2);
/** Between namespaces of one machine an answer takes a millisecond. */
const PATIENCE_MS = 700;

const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
let answer: (words: string) => void = () => {};
socket.on('message', (message) => {
  const { server }: EchoAnswer = JSON.parse(message.toString());
  answer(server);
});
socket.on('error', () => answer('refused'));

function ask(): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('silence'), PATIENCE_MS);
    answer = (words) => {
      clearTimeout(timer);
      resolve(words);
    };
    socket.send('who');
  });
}

socket.connect(Number(port), host, () => {
  void (async () => {
    for await (const _line of createInterface({ input: process.stdin })) process.stdout.write(`${await ask()}\n`);
    socket.close();
  })();
});
