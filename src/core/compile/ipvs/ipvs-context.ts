import type { Ip } from '../../model/ip.ts';
import type { IpvsConfig } from '../../model/proxy-config.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';

/** All that the lowering of one family to IPVS depends on besides the ServiceTable. */
export interface IpvsContext {
  readonly settings: ProxySettings;
  readonly config: IpvsConfig;
  /** Where nodePorts answer, by text. */
  readonly nodePortIps: readonly Ip[];
}
