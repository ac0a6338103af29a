import { HostError } from '../host-error.ts';

/** Parts of the kernel that the ipvs mode takes, with their modules. */
export const IPVS_PART = 'IPVS (module ip_vs)';
export const IPSET_PART = 'ipset (module ip_set)';

/** For a node that is to be in ipvs mode, and cannot be. */
export function absentPart(what: string, cause: Error): HostError {
  return new HostError(`this kernel has no ${what}, which the ipvs mode needs`, {
    details: cause.message.split('\n').slice(0, 2),
    advice: 'load the module, or use --mode iptables',
    cause,
  });
}
