import { endpointChainName, servicePortSuffix } from '../../../ruleset/service-chain-names.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { protocolOf } from '../rule-facts.ts';
import type { EndpointChain } from '../endpoint-chain.ts';
import { protocolName } from '../frontend.ts';
import type { ServiceIndex } from '../service-index.ts';

export const endpointNameMismatch: LintRule = {
  code: 'endpoint-name-mismatch',
  severity: 'warning',
  title: 'a chain of an endpoint leads somewhere else',
  needs: 'rules',
  holds: 'The name of each KUBE-SEP chain is the hash of its Service, protocol and endpoint.',
  why: 'kube-proxy names the chain after what it leads to, so a chain with another address in it was changed by somebody else: by hand, or by a program that rewrites DNAT rules. kube-proxy does not notice.',
  issues: ['kubernetes/kubernetes#114537', 'kubernetes/kubernetes#104388'],
  fix: 'Restart kube-proxy, and find out who changes rules.',
  check: ({ dumps }) => dumps.flatMap(({ services }) => inServices(services)),
};

function inServices(services: ServiceIndex): readonly Found[] {
  const { nat } = services;
  if (nat === undefined) return [];
  // Where not even the chains of the Service have the names of their hash, something else has named them.
  const known = new Map<string, boolean>();
  for (const { chain, protocol } of services.frontends) {
    const name = services.rawName(chain);
    if (name !== undefined)
      known.set(
        name,
        (known.get(name) ?? false) || chain.endsWith(servicePortSuffix({ name, protocol: protocolName(protocol) })),
      );
  }
  return [...services.endpoints.values()].flatMap((endpoint): readonly Found[] => {
    const { chain, dnat } = endpoint;
    const name = services.rawName(chain.name);
    if (name === undefined || known.get(name) !== true || !isOther(endpoint, name)) return [];
    return [
      {
        message: `${chain.name} leads to ${endpoint.endpoint ?? 'nowhere'}, and its name stands for another endpoint of ${services.label(chain.name)}`,
        place: nat.place(chain.name, dnat),
        service: services.serviceOf(chain.name),
      },
    ];
  });
}

function isOther({ chain, endpoint, dnat }: EndpointChain, name: string): boolean {
  const protocol = dnat === undefined ? undefined : protocolOf(dnat.rule);
  // IPv6 addresses with an IPv4 tail have two spellings.
  if (endpoint === undefined || protocol === undefined || /:.*\./.test(endpoint)) return false;
  return endpointChainName({ name, protocol: protocolName(protocol) }, endpoint) !== chain.name;
}
