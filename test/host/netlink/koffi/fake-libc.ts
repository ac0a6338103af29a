import type { CallResult, Libc } from '../../../../src/host/netlink/koffi/libc.ts';

/** What each function returns; a negative number is the error, as the kernel has it. */
export type Returns = { readonly [name in keyof Libc]?: (...args: Parameters<Libc[name]>) => number };

function result(value: number): CallResult {
  return value < 0 ? { value: -1, errno: -value } : { value, errno: 0 };
}

/** A C library of which every function returns 0 unless it is given. */
export function fakeLibc(returns: Returns): Libc {
  const { socket, bind, setsockopt, sendto, recvfrom, pollin, setns } = returns;
  return {
    socket: (...args) => result(socket?.(...args) ?? 0),
    bind: (...args) => result(bind?.(...args) ?? 0),
    setsockopt: (...args) => result(setsockopt?.(...args) ?? 0),
    sendto: (...args) => result(sendto?.(...args) ?? args[1].length),
    recvfrom: (...args) => result(recvfrom?.(...args) ?? 0),
    pollin: (...args) => result(pollin?.(...args) ?? 0),
    setns: (...args) => result(setns?.(...args) ?? 0),
  };
}
