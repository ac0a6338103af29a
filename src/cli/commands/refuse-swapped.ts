import { plainText } from '../output/plain-text.ts';
import { UsageError } from '../usage-error.ts';
import { contentsOfFile } from './told-by-contents.ts';

/** Refuses manifests in the place of a dump, and a dump behind -f. Standard input is let be: it can be read only once. */
export async function refuseSwapped(
  command: string,
  dumps: readonly string[],
  inputs: readonly string[],
): Promise<void> {
  const manifests = await firstOf(dumps, 'manifests');
  const dump = await firstOf(inputs, 'dump');
  if (manifests !== undefined && dump !== undefined) {
    throw new UsageError(
      `${manifests} holds Kubernetes objects and ${dump} holds rules: they are in each other's place`,
      `chainsmith ${command} ${dump} -f ${manifests} ...`,
    );
  }
  if (manifests !== undefined) {
    throw new UsageError(
      `${manifests} holds Kubernetes objects, where ${command} wants rules as iptables-save prints them`,
      `Objects are given with -f: chainsmith ${command} dump.txt -f ${manifests} ...`,
    );
  }
  if (dump !== undefined) {
    throw new UsageError(
      `-f ${dump} holds rules of iptables-save, where Kubernetes objects are wanted`,
      `Rules are given without -f: chainsmith ${command} ${dump} -f cluster.json ...`,
    );
  }
}

async function firstOf(paths: readonly string[], wanted: 'dump' | 'manifests'): Promise<string | undefined> {
  for (const path of paths) {
    if (path !== '-' && (await contentsOfFile(path)) === wanted) return plainText(path);
  }
  return undefined;
}
