/** Small faults in the state of a node in ipvs mode, one at a time: in its rules, its sets or its virtual servers. */
import * as fc from 'fast-check';
import type { IpvsNode } from './ipvs-verify.ts';
import { mutate, mutations, type Mutation } from './mutations.ts';

export interface IpvsMutation {
  readonly part: 'rules' | 'sets' | 'servers';
  readonly rules: Mutation;
  readonly kind: number;
  readonly at: number;
  readonly value: number;
}

export const ipvsMutations: fc.Arbitrary<IpvsMutation> = fc.record({
  part: fc.constantFrom('rules', 'rules', 'sets', 'servers'),
  rules: mutations,
  kind: fc.nat(1_000_000),
  at: fc.nat(1_000_000),
  value: fc.nat(1_000_000),
});

export interface MutatedNode {
  readonly node: IpvsNode;
  /** What was done, for messages. */
  readonly what: string;
}

/** Undefined if nothing can be changed in this way. */
export function mutateNode(node: IpvsNode, mutation: IpvsMutation): MutatedNode | undefined {
  if (mutation.part === 'rules') {
    const mutated = mutate(node.rules, mutation.rules);
    return mutated === undefined ? undefined : { node: { ...node, rules: mutated.text }, what: mutated.what };
  }
  const text = node[mutation.part];
  const lines = text.split('\n').filter((line) => line !== '');
  const changed = mutation.part === 'sets' ? changedSets(lines, mutation) : changedServers(lines, mutation);
  if (changed === undefined) return undefined;
  const after = `${changed.join('\n')}\n`;
  if (changed.length === lines.length && changed.every((line, i) => line === lines[i])) return undefined;
  const [gone, come] = [
    lines.filter((line) => !changed.includes(line)),
    changed.filter((line) => !lines.includes(line)),
  ];
  return {
    node: { ...node, [mutation.part]: after },
    what: `${mutation.part}: ${gone.join('; ')}\n  now: ${come.join('; ')}`,
  };
}

function pick<T>(items: readonly T[], number: number): T | undefined {
  return items[number % items.length];
}

function withLine(lines: readonly string[], old: string, ...by: readonly string[]): readonly string[] {
  const at = lines.indexOf(old);
  return [...lines.slice(0, at), ...by, ...lines.slice(at + 1)];
}

function changedSets(lines: readonly string[], { kind, at, value }: IpvsMutation): readonly string[] | undefined {
  const line = pick(
    lines.filter((one) => one.startsWith('add ')),
    at,
  );
  const [, set = '', element = ''] = line?.split(' ') ?? [];
  if (line === undefined) return undefined;
  switch (kind % 5) {
    case 0:
      return withLine(lines, line);
    case 1:
      return withLine(lines, line, `add ${set} ${otherNumber(element, value)}`);
    case 2:
      return withLine(lines, line, line, `add ${set} ${otherNumber(element, value)}`);
    case 3:
      return withLine(lines, line, `add ${set} ${otherProtocol(element, value)}`);
    default: {
      const typeOf = (name: string): string =>
        lines.find((one) => one.startsWith(`create ${name} `))?.split(' ')[2] ?? '';
      const others = lines.flatMap((one) => {
        const [word, name = ''] = one.split(' ');
        return word === 'create' && name !== set && typeOf(name) === typeOf(set) ? [name] : [];
      });
      const other = pick(others, value);
      return other === undefined
        ? undefined
        : withLine(lines, line, ...(value % 2 === 0 ? [line] : []), `add ${other} ${element}`);
    }
  }
}

/** The last number of an address, a port, or a prefix. */
function otherNumber(text: string, value: number): string {
  const numbers = [...text.matchAll(/(?<=[.:]|^)(\d+)(?=[,/]|$)/gu)];
  const found = pick(numbers, value);
  if (found === undefined) return text;
  const number = Number(found[0]) ^ (1 + (value % 3));
  const most = text[found.index + found[0].length] === '/' || text[found.index - 1] === '.' ? 255 : 65_535;
  if (number > most || number === 0) return text;
  return `${text.slice(0, found.index)}${number}${text.slice(found.index + found[0].length)}`;
}

function otherProtocol(text: string, value: number): string {
  const protocols = ['tcp', 'udp', 'sctp'].filter((protocol) => !text.includes(protocol));
  return text.replace(/tcp|udp|sctp/u, pick(protocols, value) ?? 'tcp');
}

function changedServers(lines: readonly string[], mutation: IpvsMutation): readonly string[] | undefined {
  const services = lines.filter((line) => line.startsWith('-A '));
  const reals = lines.filter((line) => line.startsWith('-a '));
  const service = pick(services, mutation.at);
  const real = pick(reals, mutation.at);
  const ofService = mutation.kind % 2 === 0 || real === undefined;
  if (ofService) return service === undefined ? undefined : changedService(lines, service, mutation);
  return changedReal(lines, real, mutation);
}

function wordsOf(line: string): string {
  return line.split(' ').slice(1, 3).join(' ');
}

function changedService(
  lines: readonly string[],
  line: string,
  { kind, value }: IpvsMutation,
): readonly string[] | undefined {
  const own = wordsOf(line);
  const isOwn = (one: string): boolean => wordsOf(one) === own;
  switch ((kind >> 1) % 4) {
    case 0:
      return lines.filter((one) => !isOwn(one));
    case 1: {
      const other = own.replace(/\d+$/u, (port) => String(Number(port) ^ (1 + (value % 3))));
      if (lines.some((one) => wordsOf(one) === other)) return undefined;
      return lines.map((one) => (isOwn(one) ? one.replace(own, other) : one));
    }
    case 2: {
      const scheduler = pick(['wrr', 'lc', 'sh', 'rr'], value) ?? 'rr';
      return withLine(lines, line, line.replace(/ -s \S+/u, ` -s ${scheduler}`));
    }
    default:
      return withLine(
        lines,
        line,
        line.includes(' -p ') ? line.replace(/ -p \d+/u, value % 2 === 0 ? '' : ' -p 77') : `${line} -p 300`,
      );
  }
}

function changedReal(
  lines: readonly string[],
  line: string,
  { kind, value }: IpvsMutation,
): readonly string[] | undefined {
  const to = / -r (\S+) /u.exec(line)?.[1] ?? '';
  const other = otherNumber(to, value);
  const isTaken = lines.some((one) => wordsOf(one) === wordsOf(line) && one.includes(` -r ${other} `));
  switch ((kind >> 1) % 5) {
    case 0:
      return withLine(lines, line);
    case 1:
      return isTaken ? undefined : withLine(lines, line, line.replace(to, other));
    case 2:
      return withLine(lines, line, line.replace(/ -w \d+$/u, ` -w ${pick([0, 2, 7], value) ?? 0}`));
    case 3:
      return isTaken ? undefined : withLine(lines, line, line, line.replace(to, other));
    default:
      return withLine(lines, line, line.replace(' -m ', ' -g '));
  }
}
