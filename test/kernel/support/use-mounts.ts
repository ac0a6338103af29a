import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/**
 * For a suite that needs file systems of its own: gives what makes a folder and mounts one there, in memory, with options of mount(8). They are
 * unmounted after its tests. To be called in `describe`, before the hooks that remove what the folders are in.
 */
export function useMounts(): (path: string, options: string) => string {
  const mounts: string[] = [];
  after(() => {
    for (const path of mounts) execFileSync('umount', [path]);
  });
  return (path, options) => {
    mkdirSync(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', path]);
    mounts.push(path);
    return path;
  };
}
