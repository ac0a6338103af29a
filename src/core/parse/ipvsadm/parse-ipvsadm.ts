import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { excerptOfLine } from '../../diag/source-location.ts';
import type { IpvsTimeouts } from '../../model/proxy-config.ts';
import {
  realServerKey,
  virtualServerKey,
  type IpvsTable,
  type RealServer,
  type VirtualServer,
} from '../../ruleset/virtual-server.ts';
import { readServerWords, readServiceWords, type ServiceLine } from './read-command.ts';
import { readListedServer, readListedService } from './read-listing.ts';
import { failed, readNumber, type Read } from './read-parts.ts';

export interface ParsedIpvs {
  /** In the order of the text. */
  readonly table: IpvsTable;
  /** Of a line `--set`; `ipvsadm -Sn` prints none. */
  readonly timeouts: IpvsTimeouts | undefined;
  /** Errors: something was left out, and nothing should be concluded from what is not there. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads what `ipvsadm -Sn` prints, and the listing of `ipvsadm -Ln`, which says the same but for how packets are tunnelled. Total: what
 * cannot be read is told and left out. Comments and empty lines are passed over, though ipvsadm itself takes no comments.
 */
export function parseIpvsadm(text: string, options: { readonly file?: string } = {}): ParsedIpvs {
  const reader = new IpvsReader(options.file ?? '<stdin>');
  for (const [i, line] of text.split('\n').entries()) reader.read(line.replace(/\s+$/, ''), i + 1);
  return reader.finish();
}

interface OpenServer {
  readonly service: ServiceLine;
  readonly realServers: Map<string, RealServer>;
}

/** `IP Virtual Server version 1.2.1 (size=4096)` and the two heads of columns. */
const LISTING_HEAD = /^(?:IP Virtual Server version |Prot LocalAddress:Port|\s*-> RemoteAddress:Port)/;

class IpvsReader {
  readonly #file: string;
  readonly #servers = new Map<string, OpenServer>();
  readonly #diagnostics: Diagnostic[] = [];
  /** In a listing: whose real servers come next. Undefined after a line that could not be read. */
  #listed: OpenServer | undefined;
  #timeouts: IpvsTimeouts | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  read(line: string, number: number): void {
    const content = line.trim();
    if (content === '' || content.startsWith('#') || LISTING_HEAD.test(line)) return;
    const problem = this.#take(line, content);
    if (problem === undefined) return;
    const location = { file: this.#file, line: number, column: 1, excerpt: excerptOfLine(line, number, 1) };
    this.#diagnostics.push(diagnose('ipvs-bad-line', { message: problem, location }));
  }

  /** What is wrong with the line. */
  #take(line: string, content: string): string | undefined {
    const [command = '', ...words] = content.split(/\s+/);
    switch (command) {
      case '-A':
      case '--add-service':
        return this.#addService(readServiceWords(words));
      case '-a':
      case '--add-server': {
        const read = readServerWords(words);
        if (failed(read)) return read.problem;
        const { address, realServer } = read.value;
        return this.#addServer(this.#servers.get(virtualServerKey({ address })), realServer);
      }
      case '--set':
        return this.#set(words);
      default:
        return this.#takeListed(line);
    }
  }

  #takeListed(line: string): string | undefined {
    const server = readListedServer(line);
    if (server !== undefined) return failed(server) ? server.problem : this.#addServer(this.#listed, server.value);
    const service = readListedService(line);
    this.#listed = undefined;
    if (service === undefined) return 'no line of ipvsadm -Sn or ipvsadm -Ln';
    const problem = this.#addService(service);
    if (problem === undefined && !failed(service)) this.#listed = this.#servers.get(virtualServerKey(service.value));
    return problem;
  }

  #addService(read: Read<ServiceLine>): string | undefined {
    if (failed(read)) return read.problem;
    const key = virtualServerKey(read.value);
    if (this.#servers.has(key)) return `the virtual server ${key} is there already`;
    this.#servers.set(key, { service: read.value, realServers: new Map() });
    return undefined;
  }

  #addServer(open: OpenServer | undefined, server: RealServer): string | undefined {
    if (open === undefined) return 'a real server of a virtual server that is not there';
    const key = realServerKey(server);
    if (open.realServers.has(key)) return `the real server ${key} is there already`;
    open.realServers.set(key, server);
    return undefined;
  }

  #set(words: readonly string[]): string | undefined {
    const [tcp, tcpFin, udp] = words.map((word) => readNumber(word, 2 ** 31 - 1));
    if (words.length !== 3 || tcp === undefined || tcpFin === undefined || udp === undefined) {
      return '--set takes three numbers of seconds';
    }
    this.#timeouts = { tcp, tcpFin, udp };
    return undefined;
  }

  finish(): ParsedIpvs {
    const virtualServers = Array.from(this.#servers.values(), ({ service, realServers }): VirtualServer => ({
      ...service,
      realServers: [...realServers.values()],
    }));
    return { table: { virtualServers }, timeouts: this.#timeouts, diagnostics: this.#diagnostics };
  }
}
