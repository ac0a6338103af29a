import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import type { Service } from '../../model/kubernetes.ts';
import type { ApiServerOptions } from '../../model/prepare-options.ts';
import { subjectOf } from '../../model/snapshot.ts';
import { allocateClusterIPs } from './allocate-cluster-ips.ts';
import { allocateNodePorts } from './allocate-node-ports.ts';
import { defaultFields } from './default-fields.ts';
import { resolveFamilies } from './resolve-families.ts';
import { serviceCluster, type ServiceCluster } from './service-cluster.ts';
import { validateFields } from './validate-fields.ts';
import { checkAddressRange, settleConflicts } from './validate-addresses.ts';
import { dropDuplicateNodePorts, validatePorts } from './validate-ports.ts';

interface Prepared {
  readonly services: readonly Service[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Services as the API server would have stored them: defaults filled in, limits checked, addresses and node ports allocated. All
 * that is given is settled before anything is allocated, so that what is given always wins.
 */
export function prepareServices(given: readonly Service[], options: ApiServerOptions): Prepared {
  const cluster = serviceCluster(options);
  const single = given.map((service) => prepareService(service, cluster, options));
  const settled = settleConflicts(single.flatMap((p) => p.services));
  const addressed = allocateClusterIPs(settled.services, cluster);
  const exposed = allocateNodePorts(addressed.services, options);
  const unique = exposed.services.map(dropDuplicateNodePorts);
  return {
    services: unique.map((u) => u.service),
    diagnostics: [
      ...single.flatMap((p) => p.diagnostics),
      ...settled.diagnostics,
      ...addressed.diagnostics,
      ...exposed.diagnostics,
      ...unique.flatMap((u) => u.diagnostics),
    ],
  };
}

/** What the Service alone decides; no service where it was left out. */
function prepareService(given: Service, cluster: ServiceCluster, options: ApiServerOptions): Prepared {
  const defaulted = defaultFields(given);
  const { type } = defaulted.service;
  const fields = validateFields(given.type === type ? given : { ...given, type });
  const ports = validatePorts(defaulted.service, options);
  if (ports.service === undefined) return { services: [], diagnostics: ports.diagnostics };
  const families = resolveFamilies(ports.service, cluster);
  if (families.service === undefined) {
    return { services: [], diagnostics: [...fields, ...ports.diagnostics, ...families.diagnostics] };
  }
  const filled = [...defaulted.filled, ...families.filled];
  const message = `filled in ${filled.join(', ')}`;
  const applied = filled.length === 0 ? [] : [diagnose('defaults-applied', { message, subject: subjectOf(given) })];
  return {
    services: [families.service],
    diagnostics: [
      ...applied,
      ...fields,
      ...ports.diagnostics,
      ...families.diagnostics,
      ...checkAddressRange(families.service, cluster),
    ],
  };
}
