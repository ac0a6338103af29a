import { HostError } from '../host-error.ts';

/** A part of the kernel that the ipvs mode takes. */
export interface KernelPart {
  readonly name: string;
  readonly module: string;
}

export const IPVS_PART: KernelPart = { name: 'IPVS', module: 'ip_vs' };
export const IPSET_PART: KernelPart = { name: 'ipset', module: 'ip_set' };

/** For a node that is to be in ipvs mode, and cannot be. */
export function absentPart({ name, module }: KernelPart, cause: Error): HostError {
  return new HostError(`this kernel has no ${name} (module ${module}), which the ipvs mode needs`, {
    details: cause.message.split('\n').slice(0, 2),
    advice: 'load the module, or use --mode iptables',
    cause,
  });
}
