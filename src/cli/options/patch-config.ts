import { isMapping, type Mapping } from '../../core/util/mapping.ts';
import { attributeOf, proxyFlags } from './proxy-flags.ts';

const BARE: Mapping = { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' };

/**
 * The configuration file with kube-proxy's flags written into it, before anything is checked: so a flag and a field mean the same and
 * fail with the same words. Undefined if there is neither. The file's data is not changed.
 */
export function patchConfig(config: unknown, options: Mapping): unknown {
  let patched = config;
  for (const flag of proxyFlags) {
    const value = options[attributeOf(flag)];
    if (value !== undefined) patched = withField(patched ?? BARE, flag.field, value);
  }
  return patched;
}

/** What is no mapping stays as it is: the core reports it, and a flag must not hide that. */
function withField(target: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  if (!isMapping(target)) return target;
  const inner = target[name] ?? {};
  return { ...target, [name]: rest.length === 0 ? value : withField(inner, rest, value) };
}
