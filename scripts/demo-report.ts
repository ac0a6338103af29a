// What the demo prints: the table of one measurement, and the few rules that made it so.
import type { UniformityTest } from './lab/chi-square.ts';

export interface Backend {
  readonly name: string;
  /** ip:port, as in the DNAT rule. */
  readonly address: string;
  readonly connections: number;
}

/** The test refuses an even choice once in a thousand times. */
export const SIGNIFICANCE = 0.001;

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Columns as wide as their widest cell, the numbers (from the third column on) to the right. */
export function alignTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('   ')
      .trimEnd(),
  );
}

export function distributionTable(backends: readonly Backend[]): string[] {
  const total = backends.reduce((sum, backend) => sum + backend.connections, 0);
  return alignTable([
    ['backend', 'address', 'connections', 'share', 'expected'],
    ...backends.map((backend) => [
      backend.name,
      backend.address,
      String(backend.connections),
      percent(total === 0 ? 0 : backend.connections / total),
      percent(1 / backends.length),
    ]),
  ]);
}

export function verdict(test: UniformityTest): string {
  const accepted = test.pValue >= SIGNIFICANCE;
  const numbers = `chi-square ${test.statistic.toFixed(2)}, p = ${test.pValue.toPrecision(2)}`;
  return `${accepted ? 'even' : 'NOT EVEN'}: ${numbers} (${accepted ? 'accepted' : 'refused'} at ${SIGNIFICANCE})`;
}

/**
 * The rules that a new connection to the Service meets, in the order in which it meets them: the KUBE-SERVICES rule of the
 * cluster IP, the Service's KUBE-SVC chain, and the KUBE-SEP chain of its first endpoint. `rules` is iptables-restore input.
 */
export function rulesOfService(rules: string, service: string): string[] {
  const lines = rules.split('\n');
  const entry = lines.find((line) => line.startsWith('-A KUBE-SERVICES') && line.includes(`"${service} cluster IP"`));
  const chain = (name: string | undefined): string[] =>
    name === undefined ? [] : lines.filter((line) => line.startsWith(`-A ${name} `));
  const jumpTo = (line: string | undefined, prefix: string): string | undefined =>
    new RegExp(`-j (${prefix}-\\w+)`).exec(line ?? '')?.[1];
  const serviceRules = chain(jumpTo(entry, 'KUBE-SVC'));
  const endpoint = serviceRules.map((line) => jumpTo(line, 'KUBE-SEP')).find((name) => name !== undefined);
  return [...(entry === undefined ? [] : [entry]), ...serviceRules, ...chain(endpoint)];
}
