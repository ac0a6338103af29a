import type { EndpointSlice } from '../../model/kubernetes.ts';
import { SERVICE_NAME_LABEL } from '../labels.ts';

/** `namespace/name` of the Services that have an EndpointSlice. */
export function servicesWithSlices(slices: readonly EndpointSlice[]): ReadonlySet<string> {
  return new Set(
    slices.flatMap(({ metadata }) => {
      const service = metadata.labels.get(SERVICE_NAME_LABEL);
      return service === undefined ? [] : [`${metadata.namespace}/${service}`];
    }),
  );
}

/** An EndpointSlice that a controller would have made for a Service. */
export function madeSlice(
  service: { readonly namespace: string; readonly name: string },
  name: string,
  content: Pick<EndpointSlice, 'addressType' | 'ports' | 'endpoints'>,
): EndpointSlice {
  return {
    kind: 'EndpointSlice',
    metadata: {
      name,
      namespace: service.namespace,
      labels: new Map([[SERVICE_NAME_LABEL, service.name]]),
    },
    ...content,
  };
}
