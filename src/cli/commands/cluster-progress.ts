import type { OnCount } from '../../host/sources/cluster/list-resource.ts';
import { progressLine } from '../output/progress-line.ts';

/** Runs something that reads a cluster, with a line on the terminal that counts the objects. */
export async function withClusterProgress<T>(quiet: boolean, read: (onCount: OnCount) => Promise<T>): Promise<T> {
  const counts = new Map<string, number>();
  const line = progressLine(process.stderr, 'reading the cluster', !quiet);
  try {
    return await read(({ plural }, count) => {
      counts.set(plural, count);
      line.say(`reading the cluster: ${[...counts].map(([name, n]) => `${n} ${name}`).join(', ')}`);
    });
  } finally {
    line.end();
  }
}
