// The only module that loads the Kubernetes client, and so loaded only when a cluster is read (scripts/check-layers.mjs). The client
// makes credentials (plugins, OpenID Connect) and the agent (TLS, proxies); lists are read as raw JSON by `api-connection.ts`.
import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { KubeConfig, type User } from '@kubernetes/client-node';
import type { Mapping } from '../../../core/util/mapping.ts';
import type { ClusterAccess, ClusterUser, Impersonation } from './cluster-access.ts';

export interface AuthenticatedOptions extends RequestOptions {
  readonly headers: OutgoingHttpHeaders;
}

/**
 * The agent, headers and password for requests to the API server. Runs the credential plugin, if the user has one; rejects with what
 * the plugin or the TLS library says.
 *
 * @param timeoutMs how long a proxy may take to answer
 */
export async function authenticate(access: ClusterAccess, timeoutMs: number): Promise<AuthenticatedOptions> {
  const config = new KubeConfig();
  const { name, server, user } = access;
  config.loadFromOptions({
    clusters: [
      {
        name,
        server,
        ...optional('caData', base64(access.ca)),
        // The client refuses http:// otherwise, which is what `kubectl proxy` speaks.
        skipTLSVerify: access.skipTlsVerify || server.startsWith('http:'),
        ...optional('tlsServerName', access.tlsServerName),
        ...optional('proxyUrl', access.proxyUrl),
      },
    ],
    users: [clientUser(user, access)],
    contexts: [{ name, cluster: name, user: user.name }],
    currentContext: name,
  });
  const headers = impersonationHeaders(user.impersonation);
  const options: RequestOptions = { timeout: timeoutMs, headers };
  await config.applyToHTTPSOptions(options);
  return { ...options, headers };
}

function clientUser(user: ClusterUser, access: ClusterAccess): User {
  return {
    name: user.name,
    ...optional('token', user.token),
    ...optional('username', user.username),
    ...optional('password', user.username === undefined ? undefined : (user.password ?? '')),
    ...optional('certData', base64(user.clientCertificate)),
    ...optional('keyData', base64(user.clientKey)),
    ...(user.exec === undefined ? {} : { exec: withExecInfo(user.exec, access) }),
    ...(user.authProvider === undefined ? {} : { authProvider: user.authProvider }),
  };
}

function optional<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  const found: { [P in K]?: string } = {};
  if (value !== undefined) found[key] = value;
  return found;
}

function base64(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('base64');
}

/** Plugins read from this variable which version of ExecCredential they are to print. The client does not set it. */
function withExecInfo(exec: Mapping, { server, ca, skipTlsVerify, tlsServerName }: ClusterAccess): Mapping {
  const cluster = {
    server,
    ...optional('certificate-authority-data', base64(ca)),
    ...optional('tls-server-name', tlsServerName),
    'insecure-skip-tls-verify': skipTlsVerify,
  };
  const spec = { interactive: false, ...(exec['provideClusterInfo'] === true ? { cluster } : {}) };
  const info = { kind: 'ExecCredential', apiVersion: exec['apiVersion'], spec };
  const env: readonly unknown[] = Array.isArray(exec['env']) ? exec['env'] : [];
  return { ...exec, env: [...env, { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }] };
}

/** client-go's spelling; keys of `as-user-extra` are escaped, since a header's name cannot hold every character. */
function impersonationHeaders({ user, uid, groups, extra }: Impersonation): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  if (user !== undefined) headers['Impersonate-User'] = user;
  if (uid !== undefined) headers['Impersonate-Uid'] = uid;
  if (groups.length > 0) headers['Impersonate-Group'] = [...groups];
  for (const [key, values] of extra) headers[`Impersonate-Extra-${encodeURIComponent(key)}`] = [...values];
  return headers;
}
