// Kubeconfigs for tests, as text (JSON is YAML).
export interface KubeconfigParts {
  readonly server?: string;
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly user?: Readonly<Record<string, unknown>>;
  /** The name of the cluster, its user and its context. Default: test. */
  readonly name?: string;
  readonly currentContext?: string | undefined;
}

/** One cluster, one user (with the token `secret`), and a current context of both. */
export function kubeconfig(parts: KubeconfigParts = {}): string {
  const { server = 'http://127.0.0.1:1', cluster = {}, user = { token: 'secret' }, name = 'test' } = parts;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': 'currentContext' in parts ? parts.currentContext : name,
  });
}
