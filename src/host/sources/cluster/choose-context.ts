import { didYouMean } from '../../../core/util/suggestion.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { ClusterEnvironment } from './cluster-environment.ts';
import { ClusterError } from './cluster-error.ts';
import { EntryReader } from './entry-reader.ts';
import { badKubeconfig, type Entry, type Kubeconfig } from './kubeconfig.ts';
import { readUser } from './read-user.ts';

/** The cluster and the user of a context: the one that is named, else the current one. */
export async function chooseContext(
  config: Kubeconfig,
  wanted: string | undefined,
  environment: ClusterEnvironment,
): Promise<ClusterAccess> {
  const { name, entry } = contextOf(config, wanted);
  const context = new EntryReader(entry, `context ${name}`, environment);
  const clusterName = context.text('cluster');
  if (clusterName === undefined) throw badKubeconfig(entry.file, `the context ${name} names no cluster`);
  const cluster = config.clusters.get(clusterName);
  if (cluster === undefined) {
    throw badKubeconfig(entry.file, `there is no cluster ${clusterName}, which the context ${name} names`);
  }
  const userName = context.text('user');
  const user = userName === undefined ? { fields: {}, file: entry.file } : config.users.get(userName);
  if (user === undefined)
    throw badKubeconfig(entry.file, `there is no user ${userName}, which the context ${name} names`);
  const fields = new EntryReader(cluster, `cluster ${clusterName}`, environment);
  return {
    name: clusterName,
    context: name,
    origin: `the context ${name} of ${config.files.join(', ')}`,
    server: serverOf(fields.text('server'), cluster, clusterName),
    ca: await fields.data('certificate-authority'),
    skipTlsVerify: fields.boolean('insecure-skip-tls-verify'),
    tlsServerName: fields.text('tls-server-name'),
    proxyUrl: fields.text('proxy-url'),
    user: await readUser(new EntryReader(user, `user ${userName ?? ''}`, environment), userName ?? ''),
  };
}

function contextOf(config: Kubeconfig, wanted: string | undefined): { readonly name: string; readonly entry: Entry } {
  const name = wanted ?? config.currentContext;
  const names = [...config.contexts.keys()];
  const files = config.files.join(', ');
  const listed = names.length === 0 ? 'There is none' : `There are ${names.join(', ')}`;
  if (name === undefined) {
    const advice = `Choose one with --context NAME. ${listed}`;
    throw new ClusterError('config', `no context is the current one in ${files}`, { advice });
  }
  const entry = config.contexts.get(name);
  if (entry !== undefined) return { name, entry };
  const near = didYouMean(name, names);
  const advice = `${near === undefined ? '' : `Did you mean ${near}? `}${listed}`;
  const which = wanted === undefined ? `the current context, ${name}, is not` : `there is no context ${name}`;
  throw new ClusterError('config', `${which} in ${files}`, { advice });
}

function serverOf(text: string | undefined, { file }: Entry, cluster: string): string {
  if (text === undefined) throw badKubeconfig(file, `the cluster ${cluster} has no server`);
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw badKubeconfig(
      file,
      `the server of the cluster ${cluster} must be a URL that begins with https:// or http://`,
    );
  }
  return text.replace(/\/+$/, '');
}
