import { readFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';

/** What finding a cluster needs of the machine. */
export interface ClusterEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** As the kernel has it; kubelet takes it in lower case. */
  readonly hostname: string;
  /** Where kubelet mounts the token and the CA of a Pod's service account. */
  readonly serviceAccountFolder: string;
  readonly readFile: (path: string) => Promise<Uint8Array>;
}

export function hostEnvironment(): ClusterEnvironment {
  return {
    env: process.env,
    home: homedir(),
    hostname: hostname(),
    serviceAccountFolder: '/var/run/secrets/kubernetes.io/serviceaccount',
    readFile: (path) => readFile(path),
  };
}
