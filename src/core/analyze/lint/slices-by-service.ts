import type { EndpointSlice } from '../../model/kubernetes.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { SERVICE_NAME_LABEL } from '../../services/labels.ts';
import { groupedBy } from './grouped.ts';

/** By `namespace/name` of the Service that they are tied to. */
export function slicesByService({ endpointSlices }: Snapshot): ReadonlyMap<string, readonly EndpointSlice[]> {
  return groupedBy(
    endpointSlices,
    ({ metadata }) => `${metadata.namespace}/${metadata.labels.get(SERVICE_NAME_LABEL) ?? ''}`,
  );
}
