import type { ClusterEnvironment } from '../../src/host/sources/cluster/cluster-environment.ts';

export interface FakeMachine {
  readonly env?: Readonly<Record<string, string>>;
  /** By absolute path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly hostname?: string;
}

/** A machine without any cluster, but for what is given. */
export function machine({ env = {}, files = {}, hostname = 'laptop' }: FakeMachine = {}): ClusterEnvironment {
  return {
    env,
    home: '/home/me',
    hostname,
    serviceAccountFolder: '/sa',
    readFile: (path) => {
      const content = files[path];
      if (content !== undefined) return Promise.resolve(Buffer.from(content));
      const error = new Error(`ENOENT: no such file or directory, open '${path}'`);
      return Promise.reject(Object.assign(error, { code: 'ENOENT', errno: -2 }));
    },
  };
}
