import type { TemplateSet } from '../../render/template-set.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';

/** What the kernel and the tools of the node offer; told, never guessed. */
export interface IptablesFeatures {
  /** The nfacct objects of kube-proxy exist. A rule that names a missing one makes the whole restore fail. */
  readonly nfacct: boolean;
  /** MASQUERADE has --random-fully (iptables 1.6.2, Linux 3.13). */
  readonly randomFully: boolean;
}

/** All that the lowering of one family depends on besides the ServiceTable. */
export interface CompileContext {
  readonly settings: ProxySettings;
  readonly features: IptablesFeatures;
  /** Above 1000 endpoints kube-proxy leaves out the comments of endpoint rules, 40 % of the text (kubernetes/kubernetes#110334). */
  readonly comments: boolean;
  readonly templates: TemplateSet | undefined;
}

/** What `comments` is in a table of so many endpoints. */
export function hasComments(endpointCount: number): boolean {
  return endpointCount <= LARGE_CLUSTER_ENDPOINTS;
}

const LARGE_CLUSTER_ENDPOINTS = 1000;
