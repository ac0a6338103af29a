import { endpointChainName } from '../../ruleset/service-chain-names.ts';
import { endpointText, type EndpointRules } from './endpoint-chain.ts';
import type { PortName } from './name-port.ts';

/** Ports that are tried before all others. */
const LIKELY: readonly number[] = [
  80, 443, 8080, 8443, 53, 9153, 6443, 10_250, 4443, 3000, 5000, 9090, 5432, 3306, 6379,
];
const PORTS = 65_535;

/**
 * The endpoint whose chain has lost its DNAT rule, or whose rule was misprinted (iptables-save of an older version than the rules' writer
 * prints `--to-destination` without an address): the rule for its own packets names the address, and the port is the one with which the
 * chain's name has the right hash. Tries all 65,535 ports in about 0.1 s.
 */
export function recoverEndpoint(
  { chain, hairpinAddress }: EndpointRules,
  { hashed, protocol }: PortName,
): { readonly text: string; readonly address: string; readonly port: number } | undefined {
  if (chain === undefined || hairpinAddress === undefined || hashed === undefined || protocol === undefined) {
    return undefined;
  }
  const fits = (port: number): boolean =>
    endpointChainName({ name: hashed, protocol }, endpointText(hairpinAddress, port)) === chain;
  let found = LIKELY.find(fits);
  for (let port = 1; found === undefined && port <= PORTS; port++) if (fits(port)) found = port;
  return found === undefined
    ? undefined
    : { text: endpointText(hairpinAddress, found), address: hairpinAddress, port: found };
}
