import type { Mapping } from '../../../core/util/mapping.ts';
import type { ClusterUser, Impersonation } from './cluster-access.ts';
import type { EntryReader } from './entry-reader.ts';

/** A user of a kubeconfig. The fields are those of client-go's AuthInfo; of a token and its file the file wins, as there. */
export async function readUser(user: EntryReader, name: string): Promise<ClusterUser> {
  const tokenFile = await user.file('tokenFile');
  const token = tokenFile === undefined ? user.text('token') : Buffer.from(tokenFile).toString('utf8').trim();
  const exec = user.mapping('exec');
  return {
    name,
    token,
    username: user.text('username'),
    password: user.text('password'),
    clientCertificate: await user.data('client-certificate'),
    clientKey: await user.data('client-key'),
    exec: exec === undefined ? undefined : withPath(exec, user),
    authProvider: user.mapping('auth-provider'),
    impersonation: readImpersonation(user),
  };
}

/** A command with a slash is a path, and starts at the kubeconfig; one without is looked up in PATH. */
function withPath(exec: Mapping, user: EntryReader): Mapping {
  const { command } = exec;
  return typeof command === 'string' && command.includes('/') ? { ...exec, command: user.path(command) } : exec;
}

function readImpersonation(user: EntryReader): Impersonation {
  const extra = user.mapping('as-user-extra') ?? {};
  return {
    user: user.text('as'),
    uid: user.text('as-uid'),
    groups: user.texts('as-groups'),
    extra: new Map(Object.entries(extra).map(([key, values]) => [key, textsIn(values)])),
  };
}

function textsIn(values: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(values) ? values : [];
  return items.filter((item) => typeof item === 'string');
}
