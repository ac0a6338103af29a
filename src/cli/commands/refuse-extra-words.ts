import { UsageError } from '../usage-error.ts';

/** `compile shop.yaml`: people forget the -f. */
export function refuseExtraWords(command: string, extra: readonly string[]): void {
  const [word] = extra;
  if (word === undefined) return;
  const advice = `Manifests are named by -f: chainsmith ${command} -f ${extra.join(' ')}`;
  throw new UsageError(`unexpected argument "${word}"`, advice);
}
