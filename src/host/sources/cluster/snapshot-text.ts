import type { Mapping } from '../../../core/util/mapping.ts';

/** The document that a snapshot's file holds, and that reading the cluster directly gives. */
export function snapshotList(items: readonly Mapping[]): Mapping {
  return { apiVersion: 'v1', kind: 'List', items };
}

/** One object per line, so that a diff of two snapshots shows objects; in parts, since a large cluster fills tens of megabytes. */
export function* snapshotParts(items: readonly Mapping[]): Generator<string> {
  yield '{"apiVersion":"v1","kind":"List","items":[';
  for (const [i, item] of items.entries()) yield `${i === 0 ? '' : ','}\n${JSON.stringify(item)}`;
  yield items.length === 0 ? ']}\n' : '\n]}\n';
}
