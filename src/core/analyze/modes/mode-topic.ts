import type { ProxySettings } from '../../services/proxy-settings.ts';
import type { ModeFate, ModeTopic } from './mode-difference.ts';
import type { ModeCase } from './mode-cases.ts';

interface TopicFacts {
  readonly iptables: ModeFate;
  readonly ipvs: ModeFate;
  readonly isOwn: boolean;
  readonly settings: ProxySettings;
}

/** The reason why a case ends otherwise in the other mode. */
export function topicOf(
  { role, frontend: { kind, port } }: ModeCase,
  { iptables, ipvs, isOwn, settings }: TopicFacts,
): ModeTopic {
  if (role === 'localhost') return 'localhost-node-ports';
  if (role === 'untold') return 'node-port-addresses';
  if (role === 'other-port') return kind === 'clusterIP' ? 'other-ports-of-cluster-ip' : 'other-ports-of-external-ip';
  const isLocal = kind === 'clusterIP' ? port.internalPolicyLocal : port.externalPolicyLocal;
  if (!port.hasEndpoints) return ipvs.kind === 'drop' ? 'source-ranges' : 'no-endpoints';
  if (isLocal && port.localEndpoints.length === 0 && iptables.kind !== 'endpoints') return 'no-local-endpoints';
  if (isLocal && kind !== 'clusterIP') return 'local-policy-inside';
  if (isOwn && settings.localDetector.kind === 'none') return 'masquerade-of-node';
  return 'port-of-node-port';
}
