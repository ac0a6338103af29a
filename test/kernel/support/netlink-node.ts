// A network namespace with netlink sockets in it, and the tools to look at it with.
import type { NetlinkProtocol } from '../../../src/host/netlink/codec/netlink-header.ts';
import { openNetlinkSocket, type OpenSocketOptions } from '../../../src/host/netlink/open-socket.ts';
import type { NetlinkSocket } from '../../../src/host/netlink/request.ts';
import { hostRunner, type CommandRunner } from '../../../src/host/exec.ts';
import { createNamespace, removeNamespace, uniqueName } from '../../../src/host/netns.ts';
import { openNetworkNamespace, type NetworkNamespace } from '../../../src/host/network-namespace.ts';

export class NetlinkNode {
  readonly name: string;
  readonly runner: CommandRunner;
  readonly #namespace: NetworkNamespace;
  readonly #sockets: NetlinkSocket[] = [];

  private constructor(namespace: NetworkNamespace, name: string) {
    this.name = name;
    this.runner = namespace.runner;
    this.#namespace = namespace;
  }

  static async create(prefix: string): Promise<NetlinkNode> {
    const name = uniqueName(prefix);
    await createNamespace(hostRunner, name);
    return new NetlinkNode(await openNetworkNamespace(hostRunner, name), name);
  }

  get path(): string {
    return this.#namespace.path ?? '';
  }

  /** Closed with the node. */
  open(protocol: NetlinkProtocol, options: OpenSocketOptions = {}): NetlinkSocket {
    const socket = openNetlinkSocket(protocol, { ...options, namespacePath: this.path });
    this.#sockets.push(socket);
    return socket;
  }

  /** What a command prints; its words are separated by blanks. */
  async run(command: string, input = ''): Promise<string> {
    const [program = '', ...args] = command.split(' ');
    return (await this.runner.run(program, args, { input })).stdout;
  }

  async remove(): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    await this.#namespace.close();
    await removeNamespace(hostRunner, this.name);
  }
}
