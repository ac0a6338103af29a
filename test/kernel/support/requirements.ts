import { execFileSync } from 'node:child_process';

/** Why network namespaces cannot be made here; undefined when they can. */
function kernelObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'they need root';
  try {
    execFileSync('unshare', ['--net', 'iptables-nft', '-t', 'nat', '-S'], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'no network namespace with iptables-nft can be made';
  }
}

let checked: { readonly obstacle: string | undefined } | undefined;

/**
 * First in every kernel suite: skips it with one line where the kernel tests cannot run. In CI that is a failure, because there
 * nobody would read the line.
 */
export function requireKernel(suite: Mocha.Context): void {
  checked ??= { obstacle: kernelObstacle() };
  if (checked.obstacle === undefined) return;
  const message = `kernel tests cannot run: ${checked.obstacle}`;
  if ((process.env['CI'] ?? '') !== '') throw new Error(message);
  console.log(`    ${message}`);
  suite.skip();
}
