import { createRequire } from 'node:module';

/** Put in by esbuild (scripts/build.mjs); not there in the unbundled dist/src. */
declare const CHAINSMITH_VERSION: string | undefined;

/** package.json's version. */
export function readVersion(): string {
  if (typeof CHAINSMITH_VERSION !== 'undefined') return CHAINSMITH_VERSION;
  const manifest: unknown = createRequire(import.meta.url)('../../../package.json');
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}
