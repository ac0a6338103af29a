import { release } from 'node:os';

/** Whether a kernel is at least the one version and older than the other. @param running as uname -r says it: `6.1.0-13-amd64` */
export function isKernelBetween(
  { from, before }: { readonly from: string; readonly before: string },
  running: string = release(),
): boolean {
  const now = versionOf(running);
  return now >= versionOf(from) && now < versionOf(before);
}

/** `5.9` -> 5009 */
function versionOf(text: string): number {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(text) ?? [];
  return Number(major) * 1000 + Number(minor);
}
