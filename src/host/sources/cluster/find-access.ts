import { delimiter, join } from 'node:path';
import { describeErrno } from '../errno.ts';
import { chooseContext } from './choose-context.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { ClusterEnvironment } from './cluster-environment.ts';
import { ClusterError } from './cluster-error.ts';
import { inClusterAccess } from './in-cluster.ts';
import { proxyOfEnvironment } from './proxy-of-environment.ts';
import { isEmptyKubeconfig, mergeKubeconfigs, parseKubeconfig, type Kubeconfig } from './kubeconfig.ts';

/** What the command line says of the cluster. */
export interface ClusterChoice {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/**
 * The cluster that kubectl would speak to: of the kubeconfig that is named; else of the files in KUBECONFIG, merged; else of
 * ~/.kube/config; and where there is none of these, that of the Pod this runs in.
 */
export async function findAccess(choice: ClusterChoice, environment: ClusterEnvironment): Promise<ClusterAccess> {
  const access = await find(choice, environment);
  return { ...access, proxyUrl: access.proxyUrl ?? proxyOfEnvironment(access.server, environment.env) };
}

async function find(choice: ClusterChoice, environment: ClusterEnvironment): Promise<ClusterAccess> {
  const { context } = choice;
  const places = kubeconfigPlaces(choice, environment);
  const read = await Promise.all(places.files.map((file) => readKubeconfig(file, places.named, environment)));
  const config = mergeKubeconfigs(read.filter((one) => one !== undefined));
  if (!isEmptyKubeconfig(config)) return chooseContext(config, context, environment);
  if (places.named)
    throw new ClusterError('config', `the kubeconfig ${places.files.join()} is empty`, { advice: BOTH_WAYS });
  if (context !== undefined) {
    const message = `there is no context ${context}: no kubeconfig was found (${places.label})`;
    throw new ClusterError('config', message, { advice: 'Name the file: --kubeconfig FILE' });
  }
  const inside = await inClusterAccess(environment);
  if (inside !== undefined) return inside;
  const message = `no input: no -f, and no cluster is configured (${places.label}, and no Pod's service account)`;
  throw new ClusterError('config', message, { advice: BOTH_WAYS });
}

const BOTH_WAYS = `Read files: -f FILE, -f DIR, or -f - for standard input
Or read a cluster: --kubeconfig FILE, or the variable KUBECONFIG, as for kubectl`;

interface Places {
  readonly files: readonly string[];
  /** By the command line: then the file must be there. Those of KUBECONFIG may be missing, as for kubectl. */
  readonly named: boolean;
  /** For a message. */
  readonly label: string;
}

function kubeconfigPlaces({ kubeconfig }: ClusterChoice, { env, home }: ClusterEnvironment): Places {
  if (kubeconfig !== undefined) return { files: [kubeconfig], named: true, label: kubeconfig };
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (listed.length > 0) {
    return { files: [...new Set(listed)], named: false, label: `KUBECONFIG is ${listed.join(delimiter)}` };
  }
  const file = join(home, '.kube', 'config');
  return { files: [file], named: false, label: `there is no ${file}` };
}

async function readKubeconfig(
  file: string,
  named: boolean,
  { readFile }: ClusterEnvironment,
): Promise<Kubeconfig | undefined> {
  try {
    return parseKubeconfig(await readFile(file), file);
  } catch (cause) {
    if (cause instanceof ClusterError) throw cause;
    const { code, text } = describeErrno(cause);
    if (!named && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined;
    const advice = code === 'EACCES' ? `ls -l ${file} shows who may read it` : 'Check the spelling of the path';
    throw new ClusterError('config', `cannot read the kubeconfig ${file}: ${text}`, { advice, cause });
  }
}
