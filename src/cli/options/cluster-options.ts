import { InvalidArgumentError, Option, type Command } from 'commander';

/** The options of every command that may read a live cluster, as commander stores them. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Milliseconds. */
  readonly requestTimeout?: number;
}

/** `title` heads them in the help. */
export function addClusterOptions(command: Command, title: string): void {
  command
    .optionsGroup(title)
    .option('--kubeconfig <file>', 'which kubeconfig; else KUBECONFIG, ~/.kube/config, or the service account of a Pod')
    .option('--context <name>', 'which context of it; else the current one')
    .addOption(
      new Option(
        '--request-timeout <time>',
        'how long one request may take, such as 10s or 1m (default: 30s)',
      ).argParser(parseDuration),
    );
}

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** As kubectl takes it: seconds, or numbers with units (1m30s). The result is in milliseconds, and neither nothing nor over a day. */
function parseDuration(text: string): number {
  const seconds = /^[0-9]{1,6}$/.test(text) ? Number(text) * 1000 : undefined;
  const parts = [...text.matchAll(/([0-9]{1,6}(?:\.[0-9]{1,3})?)(ms|s|m|h)/g)];
  const isWhole = parts.length > 0 && parts.map(([part]) => part).join('') === text;
  const sum = isWhole
    ? parts.reduce((ms, [, number, unit]) => ms + Number(number) * (UNIT_MS.get(unit ?? '') ?? 0), 0)
    : 0;
  const duration = Math.round(seconds ?? sum);
  if (duration < 1 || duration > 86_400_000) throw new InvalidArgumentError('It takes a time such as 10s or 1m30s.');
  return duration;
}
