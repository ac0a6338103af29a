import { savedIpText, type Ip } from '../model/ip.ts';

/** One address and port that serves a service port, with all that decides whether this node may use it. */
export interface Endpoint {
  readonly ip: Ip;
  /** 1-65535 */
  readonly port: number;
  /** `10.0.0.1:80`, `[fd00::1]:80`: what kube-proxy sorts and hashes by. */
  readonly text: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** Its nodeName is this node's name, letter by letter. */
  readonly local: boolean;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}

/** One flat string: V8 keeps `a + b` as two pieces, and this text is looked up, sorted and hashed. */
export function endpointText(ip: Ip, port: number): string {
  return [ip.family === 'ipv4' ? ip.text : `[${ip.text}]`, port].join(':');
}

/** The endpoint as iptables-save prints it in `--to-destination`. */
export function savedEndpointText({ ip, port, text }: Endpoint): string {
  return ip.family === 'ipv4' ? text : `[${savedIpText(ip)}]:${port}`;
}
