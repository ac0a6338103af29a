import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { describeErrno } from '../errno.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { ClusterEnvironment } from './cluster-environment.ts';
import { ClusterError } from './cluster-error.ts';

/**
 * The cluster that this process's Pod belongs to: kubelet gives every Pod the two variables, and mounts the token and the CA of its
 * service account. Undefined outside of a Pod, and in one without a token (automountServiceAccountToken: false).
 */
export async function inClusterAccess(environment: ClusterEnvironment): Promise<ClusterAccess | undefined> {
  const { env, serviceAccountFolder } = environment;
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '';
  if (host === '' || port === '') return undefined;
  const token = await read(join(serviceAccountFolder, 'token'), environment);
  if (token === undefined) return undefined;
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  if (!URL.canParse(server)) {
    throw new ClusterError('config', 'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no address', {
      advice: 'kubelet sets them in every Pod; --kubeconfig FILE names a cluster in their place',
    });
  }
  return {
    name: 'in-cluster',
    context: undefined,
    origin: `the service account in ${serviceAccountFolder}`,
    server,
    ca: await read(join(serviceAccountFolder, 'ca.crt'), environment),
    skipTlsVerify: false,
    tlsServerName: undefined,
    proxyUrl: undefined,
    user: {
      name: 'service-account',
      token: Buffer.from(token).toString('utf8').trim(),
      username: undefined,
      password: undefined,
      clientCertificate: undefined,
      clientKey: undefined,
      exec: undefined,
      authProvider: undefined,
      impersonation: { user: undefined, uid: undefined, groups: [], extra: new Map() },
    },
  };
}

async function read(path: string, { readFile }: ClusterEnvironment): Promise<Uint8Array | undefined> {
  return readFile(path).catch((cause: unknown) => {
    const { code, text } = describeErrno(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new ClusterError('credentials', `cannot read ${path} of the service account: ${text}`, { cause });
  });
}
