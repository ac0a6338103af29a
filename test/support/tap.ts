/** A reader of TAP 14 for tests of what we write: versions, plans, test points, subtests and their YAML blocks; anything else is an error. */
import { load } from 'js-yaml';

export interface TapPoint {
  readonly ok: boolean;
  readonly number: number;
  readonly description: string;
  readonly yaml: unknown;
  readonly subtests: readonly TapPoint[];
}

export function parseTap(text: string): readonly TapPoint[] {
  const lines = text.split('\n');
  if (lines.shift() !== 'TAP version 14' || lines.pop() !== '') throw new Error('no TAP 14');
  return parsePoints(lines);
}

function parsePoints(lines: readonly string[]): readonly TapPoint[] {
  const [plan = '', ...rest] = lines;
  const count = /^1\.\.(\d+)$/u.exec(plan)?.[1];
  if (count === undefined) throw new Error(`no plan: ${plan}`);
  const points: TapPoint[] = [];
  let inner: string[] = [];
  let name: string | undefined;
  for (let i = 0; i < rest.length; i += 1) {
    const line = rest[i] ?? '';
    const point = /^(not )?ok (\d+) - (.*)$/u.exec(line);
    if (line.startsWith('    ')) inner.push(line.slice(4));
    else if (line.startsWith('# Subtest: ')) name = line.slice('# Subtest: '.length);
    else if (point === null) throw new Error(`no line of TAP: ${line}`);
    else {
      const block = rest[i + 1] === '  ---' ? rest.slice(i + 2, rest.indexOf('  ...', i)) : [];
      if (block.length > 0) i += block.length + 2;
      const description = (point[3] ?? '').replaceAll(/\\([\\#])/gu, '$1');
      if (/(?<!\\)(?:\\\\)*#/u.test(point[3] ?? '')) throw new Error(`a directive: ${line}`);
      if (name !== undefined && name !== point[3]) throw new Error(`${name} ends as ${point[3] ?? ''}`);
      const yaml = block.length === 0 ? undefined : load(block.map((one) => one.slice(2)).join('\n'));
      const subtests = inner.length === 0 ? [] : parsePoints(inner);
      points.push({ ok: point[1] === undefined, number: Number(point[2]), description, yaml, subtests });
      [inner, name] = [[], undefined];
    }
  }
  if (inner.length > 0 || points.length !== Number(count)) throw new Error(`the plan is ${plan}`);
  if (points.some(({ number }, i) => number !== i + 1)) throw new Error('numbers are not in order');
  return points;
}
