import { closeSync, openSync, writeSync } from 'node:fs';
import { HostError } from '../../host-error.ts';
import { errnoWords } from '../netlink-error.ts';
import type { Libc } from './libc.ts';

/**
 * Does something in another network namespace, and is back when it returns or throws. A socket stays in the namespace where it was opened,
 * so that is all there is to do inside; nothing asynchronous, whose other threads stay outside.
 *
 * If the way back fails, the process ends at once with status 1: everything that it would do next it would do to the wrong machine.
 *
 * @param path a file that stands for the namespace: /run/netns/NAME, /proc/PID/ns/net
 */
export function inNetworkNamespace<T>(libc: Libc, path: string, run: () => T): T {
  const target = openNamespace(path);
  try {
    // /proc/self is the process, whose other threads may be elsewhere.
    const own = openNamespace('/proc/thread-self/ns/net');
    try {
      const { value, errno } = libc.setns(target);
      if (value < 0) throw cannotEnter(path, errno);
      try {
        return run();
      } finally {
        const back = libc.setns(own);
        if (back.value < 0) endProcess(back.errno);
      }
    } finally {
      closeSync(own);
    }
  } finally {
    closeSync(target);
  }
}

function openNamespace(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    const errno = cause instanceof Error && 'errno' in cause ? Math.abs(Number(cause.errno)) : 0;
    const { code, text } = errnoWords(errno);
    const advice = code === 'EACCES' || code === 'EPERM' ? 'run chainsmith as root' : undefined;
    throw new HostError(`the network namespace ${path} cannot be opened: ${text}`, { advice, cause });
  }
}

function cannotEnter(path: string, errno: number): HostError {
  const { code, text } = errnoWords(errno);
  if (code === 'EINVAL') return new HostError(`${path} is not a network namespace`);
  const advice = code === 'EPERM' ? 'run chainsmith as root' : undefined;
  return new HostError(`the network namespace ${path} cannot be entered: ${text} (${code})`, { advice });
}

function endProcess(errno: number): never {
  const { text, code } = errnoWords(errno);
  writeSync(
    2,
    `chainsmith: the way back from another network namespace is blocked: ${text} (${code}); ending at once\n`,
  );
  process.exit(1);
}
