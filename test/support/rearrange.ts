/** The same input, written down in another order. */
import { isArray, isObject, type Json, type JsonObject } from './json.ts';
import { nameOf } from './objects.ts';

/** A small generator of its own (mulberry32), so that one number from fast-check gives a whole arrangement. */
export function shuffler(seed: number): <T>(items: readonly T[]) => T[] {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return (items) =>
    items
      .map((item) => ({ item, at: next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
}

type Shuffle = ReturnType<typeof shuffler>;

/** Members in another order, at every depth; lists stay. */
export function withKeysShuffled(object: JsonObject, shuffle: Shuffle): JsonObject {
  const inside = (value: Json): Json =>
    isArray(value) ? value.map(inside) : isObject(value) ? withKeysShuffled(value, shuffle) : value;
  return Object.fromEntries(shuffle(Object.entries(object)).map(([k, v]) => [k, inside(v ?? null)]));
}

/** Some documents become the items of Lists, one of them inside the other. */
export function withListsInBetween(documents: readonly JsonObject[], cuts: readonly number[]): readonly JsonObject[] {
  const list = (items: readonly JsonObject[]): JsonObject => ({ apiVersion: 'v1', kind: 'List', items });
  const [a = 0, b = 0] = cuts.map((cut) => cut % (documents.length + 1)).sort((x, y) => x - y);
  return [...documents.slice(0, a), list([...documents.slice(a, b), list(documents.slice(b))])];
}

const UNORDERED = new Set(['endpoints', 'addresses', 'notReadyAddresses', 'subsets', 'forZones', 'forNodes']);

/** Lists inside EndpointSlices and Endpoints whose order says nothing. Not the addresses of one endpoint: only the first counts. */
export function withEndpointsShuffled(object: JsonObject, shuffle: Shuffle): JsonObject {
  if (object['kind'] !== 'EndpointSlice' && object['kind'] !== 'Endpoints') return object;
  const visit = (value: Json, key: string): Json => {
    if (isArray(value)) {
      const items = value.map((item) => visit(item, key));
      return UNORDERED.has(key) && items.every(isObject) ? shuffle(items) : items;
    }
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, visit(v ?? null, k)]));
  };
  const visited = visit(object, '');
  return isObject(visited) ? visited : object;
}

/** Each EndpointSlice in up to three parts with other names, its endpoints dealt out at random. */
export function withSlicesSplit(documents: readonly JsonObject[], shuffle: Shuffle): readonly JsonObject[] {
  return documents.flatMap((object) => {
    const { kind, endpoints, metadata } = object;
    if (kind !== 'EndpointSlice' || !isArray(endpoints) || !isObject(metadata)) return [object];
    const dealt = shuffle(endpoints);
    const cuts = shuffle([0, 1, 2, 3, 4, 5])
      .slice(0, 2)
      .sort((a, b) => a - b);
    const parts = [dealt.slice(0, cuts[0]), dealt.slice(cuts[0], cuts[1]), dealt.slice(cuts[1])];
    const names = shuffle(['a', 'm', 'z']);
    return parts.map((part, i) => ({
      ...object,
      metadata: { ...metadata, name: `${names[i] ?? ''}-${nameOf(object)}` },
      endpoints: part,
    }));
  });
}
