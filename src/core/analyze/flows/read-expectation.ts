import type { FieldPath } from '../../diag/source-location.ts';
import { isMapping, type Mapping } from '../../util/mapping.ts';
import type { EndpointsExpected, Expectation } from './expectation.ts';
import { addUpToOne, readShare, type ExpectedShare } from './expected-share.ts';
import type { FlowEndpoint } from './flow.ts';
import type { Problems } from './problems.ts';
import { readEndpoint } from './read-endpoint.ts';

type Refusal = 'rejected' | 'dropped' | 'untouched';

/** The words for what becomes of a packet that reaches no endpoint, and other names for them. */
const WORDS: Readonly<Record<string, Refusal>> = {
  rejected: 'rejected',
  dropped: 'dropped',
  untouched: 'untouched',
  reject: 'rejected',
  drop: 'dropped',
  none: 'untouched',
};
const REFUSALS: readonly Refusal[] = ['rejected', 'dropped', 'untouched'];

const KEYS: readonly string[] = ['endpoints', 'reaches', 'evenly', 'shares', 'masquerade', 'hairpin', ...REFUSALS];
const ABOUT_ENDPOINTS: readonly string[] = ['endpoints', 'reaches', 'evenly', 'shares', 'hairpin'];

const EXPECT = 'a list of endpoints, rejected, dropped, untouched, or a mapping';

/** `expect` of a flow, and `masquerade`, which stands beside or inside it. */
export function readExpectation(row: Mapping, path: FieldPath, problems: Problems): Expectation | undefined {
  const value = row['expect'];
  const at = [...path, 'expect'];
  if (value === undefined) {
    problems.invalid(path, `a flow needs expect: ${EXPECT}`);
    return undefined;
  }
  const outside = 'masquerade' in row ? { masquerade: row['masquerade'] } : {};
  if (Array.isArray(value)) return readMapping({ reaches: value, ...outside }, path, problems, at);
  if (typeof value === 'string' && Object.hasOwn(WORDS, value)) {
    return readMapping({ [WORDS[value] ?? '']: true, ...outside }, path, problems, at);
  }
  if (!isMapping(value)) {
    problems.wrong(at, value, EXPECT);
    return undefined;
  }
  if ('masquerade' in value && 'masquerade' in row) {
    problems.invalid([...path, 'masquerade'], 'masquerade is said twice: in expect, and here');
  }
  problems.unknownKeys(value, KEYS, at, 'expect');
  return readMapping({ ...outside, ...value }, at, problems, at);
}

/** @param path where its keys stand, and `listAt` the list that reaches stands for */
function readMapping(
  mapping: Mapping,
  path: FieldPath,
  problems: Problems,
  listAt: FieldPath,
): Expectation | undefined {
  const said = REFUSALS.filter((word) => mapping[word] !== undefined);
  for (const word of said) {
    if (mapping[word] !== true) problems.wrong([...listAt, word], mapping[word], 'true', 'else leave it out');
  }
  const other = ABOUT_ENDPOINTS.find((key) => mapping[key] !== undefined);
  const [word, second = other] = said;
  if (word !== undefined && second !== undefined) {
    problems.invalid(listAt, `a packet that is ${word} cannot have ${second} too; leave one of them out`);
    return undefined;
  }
  if (word === undefined) return readEndpoints(mapping, path, problems, listAt);
  if (word === 'untouched') return { kind: word, masquerade: readFlag(mapping, 'masquerade', path, problems) };
  if (mapping['masquerade'] === undefined) return { kind: word };
  problems.invalid([...path, 'masquerade'], `a packet that is ${word} is not masqueraded; leave masquerade out`);
  return undefined;
}

function readEndpoints(
  mapping: Mapping,
  path: FieldPath,
  problems: Problems,
  listAt: FieldPath,
): EndpointsExpected | undefined {
  if (Object.keys(mapping).length === 0) {
    problems.invalid(listAt, 'expect is empty', `it has ${KEYS.join(', ')}`);
    return undefined;
  }
  const reachesAt = listAt === path ? [...path, 'reaches'] : listAt;
  const reaches = mapping['reaches'] === undefined ? undefined : readList(mapping['reaches'], reachesAt, problems);
  const shares = readShares(mapping, path, problems);
  const named = shares?.endpoints ?? reaches;
  const count = readCount(mapping, named, path, problems);
  const evenly = readFlag(mapping, 'evenly', path, problems);
  if (shares !== undefined && (evenly !== undefined || reaches !== undefined)) {
    problems.invalid([...path, 'shares'], 'shares say which endpoints and how much each; leave out evenly and reaches');
  }
  const isCounted = evenly === true || ((reaches ?? count) !== undefined && evenly !== false);
  return {
    kind: 'endpoints',
    count,
    reaches: named,
    shares: shares?.byEndpoint ?? (isCounted ? 'even' : undefined),
    masquerade: readMasquerade(mapping, path, problems),
    hairpin: readFlag(mapping, 'hairpin', path, problems),
  };
}

function readFlag(mapping: Mapping, key: string, path: FieldPath, problems: Problems): boolean | undefined {
  const value = mapping[key];
  if (value === undefined || typeof value === 'boolean') return value;
  problems.wrong([...path, key], value, 'true or false');
  return undefined;
}

function readMasquerade(mapping: Mapping, path: FieldPath, problems: Problems): EndpointsExpected['masquerade'] {
  const value = mapping['masquerade'];
  if (value === undefined || typeof value === 'boolean') return value;
  if (Array.isArray(value)) {
    return value.flatMap((one, i) => readEndpoint(one, [...path, 'masquerade', i], problems) ?? []);
  }
  problems.wrong([...path, 'masquerade'], value, 'true, false, or a list of the endpoints where it is so');
  return undefined;
}

function readList(value: unknown, path: FieldPath, problems: Problems): readonly FlowEndpoint[] | undefined {
  if (!Array.isArray(value) || value.length === 0) {
    problems.invalid(path, 'a list of endpoints must have one at least', 'else say rejected, dropped or untouched');
    return undefined;
  }
  const endpoints: FlowEndpoint[] = [];
  for (const [i, one] of value.entries()) {
    const endpoint = readEndpoint(one, [...path, i], problems);
    if (endpoint === undefined) continue;
    if (endpoints.some(({ text }) => text === endpoint.text))
      problems.invalid([...path, i], `${endpoint.text} is there twice`);
    endpoints.push(endpoint);
  }
  return endpoints;
}

function readCount(
  mapping: Mapping,
  named: readonly FlowEndpoint[] | undefined,
  path: FieldPath,
  problems: Problems,
): number | undefined {
  const value = mapping['endpoints'];
  const at = [...path, 'endpoints'];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    const hint = Array.isArray(value) ? 'reaches lists endpoints' : 'none is rejected, dropped or untouched';
    problems.wrong(at, value, 'how many endpoints, 1 or more', hint);
    return undefined;
  }
  if (named !== undefined && named.length !== value) {
    problems.invalid(at, `endpoints is ${value}, and ${named.length} are named; leave it out`);
  }
  return value;
}

interface ReadShares {
  readonly byEndpoint: ReadonlyMap<string, ExpectedShare>;
  readonly endpoints: readonly FlowEndpoint[];
}

function readShares(mapping: Mapping, path: FieldPath, problems: Problems): ReadShares | undefined {
  const value = mapping['shares'];
  const at = [...path, 'shares'];
  if (value === undefined) return undefined;
  if (!isMapping(value) || Object.keys(value).length === 0) {
    problems.wrong(at, value, 'a mapping of endpoints to shares such as 1/3');
    return undefined;
  }
  const byEndpoint = new Map<string, ExpectedShare>();
  const endpoints: FlowEndpoint[] = [];
  for (const [key, text] of Object.entries(value)) {
    const endpoint = readEndpoint(key, [...at, key], problems);
    const share = readShare(text);
    if (share === undefined) problems.wrong([...at, key], text, 'a share such as 1/3, 0.25 or 33.3 %');
    if (endpoint === undefined || share === undefined) continue;
    byEndpoint.set(endpoint.text, share);
    endpoints.push(endpoint);
  }
  const families = new Set(endpoints.map(({ family }) => family));
  for (const family of families) {
    const own = endpoints.filter((one) => one.family === family).flatMap(({ text }) => byEndpoint.get(text) ?? []);
    if (endpoints.length === Object.keys(value).length && !addUpToOne(own)) {
      problems.invalid(at, 'the shares do not add up to 1', 'shares name every endpoint that can be reached');
    }
  }
  return { byEndpoint, endpoints };
}
