// Loaded before chainsmith (NODE_OPTIONS=--import): the package koffi that it gets then calls the C library through faulty-libc.ts. The variables
// IPVS_FOLDER, NETLINK_CALLS (a file for one line per datagram) and NETLINK_FAULT (`NUMBER=FAULT`) say what happens; a resident (residents.ts) gives
// each of its runs a number, FAULT_RUN.
import { appendFileSync } from 'node:fs';
import Module from 'node:module';
import { loadLibc, type CallResult, type Libc } from '../../../src/host/netlink/koffi/libc.ts';
import { faultyLibc, isNetlinkFault, kindOf, type NetlinkCall, type NetlinkFault } from './faulty-libc.ts';

type Argument = number | Uint8Array;
interface Loader {
  _load: (request: string, ...rest: readonly unknown[]) => unknown;
}

const variable = (name: string): string => process.env[name] ?? '';

function onSend(call: NetlinkCall, index: number): NetlinkFault | undefined {
  const [at = '', how = ''] = variable('NETLINK_FAULT').split('=');
  const isIt = at !== '' && index === Number(at);
  appendFileSync(variable('NETLINK_CALLS'), `${kindOf(call)}${isIt ? ' injected' : ''}\n`);
  return isIt && isNetlinkFault(how) ? how : undefined;
}

function isLoader(value: object): value is Loader {
  return '_load' in value && typeof value._load === 'function';
}

const bytes = (value: Argument | undefined): Uint8Array => {
  if (value instanceof Uint8Array) return value;
  throw new TypeError('these are no bytes');
};
const number = (value: Argument | undefined): number => {
  if (typeof value === 'number') return value;
  throw new TypeError('this is no number');
};

function calling(libc: Libc, name: string, args: readonly Argument[]): CallResult {
  const [first, second, third, fourth, fifth] = args;
  switch (name) {
    case 'socket':
      return libc.socket(number(first), number(second), number(third));
    case 'bind':
      return libc.bind(number(first), bytes(second));
    case 'setsockopt':
      return libc.setsockopt(number(first), number(second), number(third), bytes(fourth));
    case 'sendto':
      return libc.sendto(number(first), bytes(second), number(fourth), bytes(fifth));
    case 'recvfrom':
      return libc.recvfrom(number(first), bytes(second), number(fourth), bytes(fifth));
    case 'poll': {
      // struct pollfd begins with the file's number.
      const entry = bytes(first);
      return libc.pollin(new DataView(entry.buffer, entry.byteOffset).getInt32(0, true), number(third));
    }
    case 'setns':
      return libc.setns(number(first));
    default:
      throw new Error(`${name} is no function that these tests know`);
  }
}

const real = loadLibc();
let faulty = real;
let run: string | undefined;

/** That of this run, in which nothing has gone wrong yet when it begins. */
function current(): Libc {
  const number = variable('FAULT_RUN');
  if (run !== number) faulty = faultyLibc(real, { folder: variable('IPVS_FOLDER'), onSend });
  run = number;
  return faulty;
}

let errno = 0;
const koffi = {
  load: () => ({
    func: (declaration: string) => {
      const name = /(\w+)\(/.exec(declaration)?.[1] ?? '';
      return (...args: readonly Argument[]): number => {
        const result = calling(current(), name, args);
        errno = result.errno;
        return result.value;
      };
    },
  }),
  errno: () => errno,
};

if (!isLoader(Module)) throw new Error('this Node loads modules otherwise');
const load = Module._load.bind(Module);
Module._load = (request, ...rest) => (request === 'koffi' ? koffi : load(request, ...rest));
