// The program of a Pod whose connections stay open: `node line-server.js NAME PORT`. It answers every line by NAME and the line. It ends
// with the process that started it (when its standard input closes).
import { createServer } from 'node:net';

const [name = 'unnamed', port = ''] = process.argv.slice(2);
const server = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  // A client waits for the answer to a line before it sends the next one.
  socket.setEncoding('utf8').on('data', (line) => socket.write(`${name} ${String(line)}`));
});
server.listen(Number(port), '::', () => process.stdout.write('ready\n'));
process.stdin.on('end', () => process.exit(0)).resume();
