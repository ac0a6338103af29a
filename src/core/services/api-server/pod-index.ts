import type { Node, ObjectMeta, Pod, Service } from '../../model/kubernetes.ts';
import { sortedBy } from '../../util/order.ts';
import { ZONE_LABEL } from '../labels.ts';

/** What endpoints are made of, looked up once for all Services. */
export interface PodIndex {
  /** By namespace and one label; each list is sorted by name. */
  readonly podsByLabel: ReadonlyMap<string, readonly Pod[]>;
  /** By the node's name; only nodes that have a zone. */
  readonly zoneOf: ReadonlyMap<string, string>;
}

export function indexPods(pods: readonly Pod[], nodes: readonly Node[]): PodIndex {
  const podsByLabel = new Map<string, Pod[]>();
  for (const pod of sortedBy(pods, (p) => p.metadata.name)) {
    for (const [label, value] of pod.metadata.labels) {
      const key = labelKey(pod.metadata, label, value);
      const labelled = podsByLabel.get(key);
      if (labelled === undefined) podsByLabel.set(key, [pod]);
      else labelled.push(pod);
    }
  }
  const zones = nodes.map((n) => [n.metadata.name, n.metadata.labels.get(ZONE_LABEL) ?? ''] as const);
  return { podsByLabel, zoneOf: new Map(zones.filter(([, zone]) => zone !== '')) };
}

/** The Pods of the Service's namespace whose labels contain its whole selector, sorted by name. */
export function selectedPods(service: Service, index: PodIndex): readonly Pod[] {
  const pairs = [...(service.selector ?? [])];
  const lists = pairs.map(([label, value]) => index.podsByLabel.get(labelKey(service.metadata, label, value)) ?? []);
  const [shortest = []] = sortedBy(lists, (list) => list.length);
  return shortest.filter((pod) => pairs.every(([label, value]) => pod.metadata.labels.get(label) === value));
}

function labelKey(metadata: ObjectMeta, label: string, value: string): string {
  return JSON.stringify([metadata.namespace, label, value]);
}
