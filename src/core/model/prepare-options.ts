import type { Cidr } from './ip.ts';

/** What the API server of the cluster was started with, as far as it decides about Services. */
export interface ApiServerOptions {
  /** False (`--no-defaults`): take every object as it is; no defaults, no limits, no allocation, no endpoints from Pods or Endpoints. */
  readonly applyDefaults: boolean;
  /** Given by the user; at most one per family. Empty: 10.96.0.0/16 and fd00:10:96::/112 for allocation, no range check. */
  readonly serviceCidrs: readonly Cidr[];
  /** Inclusive. Kubernetes' default is 30000-32767. */
  readonly nodePortRange: { readonly from: number; readonly to: number };
}
