const SERVICE = /^KUBE-(?:SVC|SVL|EXT|XLB|FW)-/;
const SUFFIX = 16;

/** A chain of one service port, not of an endpoint. */
export function isPortChain(name: string): boolean {
  return SERVICE.test(name);
}

/** The part of a hash that all chains of one service port share. */
export function portSuffix(chain: string): string {
  return chain.slice(-SUFFIX);
}
