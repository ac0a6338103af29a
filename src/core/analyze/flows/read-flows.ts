import type { Diagnostic } from '../../diag/diagnostic.ts';
import type { DocumentLocation, FieldPath } from '../../diag/source-location.ts';
import { ipFamilies, type IpFamily } from '../../model/ip.ts';
import { describeValue, isMapping, type Mapping } from '../../util/mapping.ts';
import type { Flow, FlowEndpoint } from './flow.ts';
import { readExpectation } from './read-expectation.ts';
import { readEndpoint } from './read-endpoint.ts';
import { readDestination, readSource } from './read-ends.ts';
import { Problems } from './problems.ts';

const KEYS: readonly string[] = [
  'name',
  'from',
  'to',
  'port',
  'protocol',
  'family',
  'in-interface',
  'remembered',
  'expect',
  'masquerade',
];

export interface ReadFlows {
  /** Those that could be read. */
  readonly flows: readonly Flow[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What flows.yaml holds: a list of rows. Strict, since a misspelt key would make a row that checks nothing. */
export function readFlows(document: unknown, location?: DocumentLocation): ReadFlows {
  const problems = new Problems(location);
  if (!Array.isArray(document) || document.length === 0) {
    problems.invalid([], `flows must be a list of flows, not ${describeFlows(document)}`, 'each begins with "- from:"');
    return { flows: [], diagnostics: problems.found };
  }
  const flows: Flow[] = [];
  for (const [index, row] of document.entries()) {
    const before = problems.found.length;
    const flow = readFlow(row, index, problems);
    if (flow !== undefined && problems.found.length === before) flows.push(flow);
  }
  return { flows, diagnostics: problems.found };
}

function describeFlows(document: unknown): string {
  return Array.isArray(document) ? 'an empty list' : describeValue(document);
}

function readFlow(row: unknown, index: number, problems: Problems): Flow | undefined {
  const path: FieldPath = [index];
  if (!isMapping(row)) {
    problems.invalid(path, `a flow must be a mapping with from, to and expect, not ${describeValue(row)}`);
    return undefined;
  }
  problems.unknownKeys(row, KEYS, path, 'a flow');
  // What is missing may be what is misspelt.
  if (Object.keys(row).some((key) => !KEYS.includes(key))) return undefined;
  const from = readSource(row, path, problems);
  const to = readDestination(row, path, problems);
  const expect = readExpectation(row, path, problems);
  const remembered = readRemembered(row, path, problems);
  const family = readFamily(row, path, problems);
  const inInterface = readText(row, 'in-interface', path, problems);
  const name = readText(row, 'name', path, problems) ?? `${String(row['from'])} -> ${String(row['to'])}`;
  if (from === undefined || to === undefined || expect === undefined) return undefined;
  return { name, index, from, to, family, inInterface, remembered, expect };
}

function readText(row: Mapping, key: string, path: FieldPath, problems: Problems): string | undefined {
  const value = row[key];
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  problems.wrong([...path, key], value, 'a text');
  return undefined;
}

function readFamily(row: Mapping, path: FieldPath, problems: Problems): IpFamily | undefined {
  const value = row['family'];
  const family = ipFamilies.find((one) => one === value);
  if (family === undefined && value !== undefined) problems.wrong([...path, 'family'], value, 'ipv4 or ipv6');
  return family;
}

function readRemembered(row: Mapping, path: FieldPath, problems: Problems): FlowEndpoint | undefined {
  const value = row['remembered'];
  return value === undefined ? undefined : readEndpoint(value, [...path, 'remembered'], problems);
}
