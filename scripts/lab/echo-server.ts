// The program that each pod runs: `node echo-server.js NAME PORT [--stay]`. Over HTTP and over UDP it answers who it is and
// which address it saw the caller come from. It ends with the process that started it (when its standard input closes), unless
// told to stay.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import type { EchoAnswer } from './probe.ts';

const [server = 'unnamed', portText = '', stay] = process.argv.slice(2);
const port = Number(portText);

function answer(address: string | undefined): string {
  const echo: EchoAnswer = { server, client: (address ?? '').replace(/^::ffff:/, '') };
  return `${JSON.stringify(echo)}\n`;
}

const udp = createSocket('udp6');
udp.on('message', (_message, caller) => udp.send(answer(caller.address), caller.port, caller.address));
const http = createServer((request, response) => {
  response.setHeader('connection', 'close');
  response.end(answer(request.socket.remoteAddress));
});

udp.bind(port, () => {
  http.listen(port, () => process.stdout.write('ready\n'));
});
if (stay !== '--stay') {
  process.stdin.on('end', () => process.exit(0)).resume();
}
