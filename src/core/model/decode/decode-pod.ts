import { protocols, type ContainerPort, type ObjectMeta, type Pod } from '../kubernetes.ts';
import type { Fields } from './fields.ts';

export function decodePod(object: Fields, metadata: ObjectMeta): Pod {
  const spec = object.object('spec');
  const status = object.object('status');
  const podIPs = status?.list('podIPs', (entry) => entry.string('ip') ?? '').filter((ip) => ip !== '') ?? [];
  const podIP = status?.string('podIP');
  const conditions = status?.list('conditions', (c) => ({ type: c.string('type'), status: c.string('status') })) ?? [];
  return {
    kind: 'Pod',
    metadata,
    nodeName: spec?.string('nodeName'),
    containerPorts: [
      ...(spec?.list('containers', readContainer) ?? []),
      ...(spec?.list('initContainers', readInitContainer) ?? []),
    ].flat(),
    podIPs: podIPs.length === 0 && podIP !== undefined && podIP !== '' ? [podIP] : podIPs,
    phase: status?.string('phase'),
    ready: conditions.some((c) => c.type === 'Ready' && c.status === 'True'),
    terminating: object.object('metadata')?.has('deletionTimestamp') ?? false,
  };
}

function readContainer(container: Fields): readonly ContainerPort[] {
  return container.list('ports', (port) => ({
    name: port.string('name') ?? '',
    containerPort: port.integer('containerPort', 0, 65_535) ?? 0,
    protocol: port.oneOf('protocol', protocols),
  }));
}

/** Only init containers that keep running can serve (KEP-753 sidecars). */
function readInitContainer(container: Fields): readonly ContainerPort[] {
  return container.string('restartPolicy') === 'Always' ? readContainer(container) : [];
}
