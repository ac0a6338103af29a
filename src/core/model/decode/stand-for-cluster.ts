import { expandLists } from './expand-lists.ts';
import { groupOf, KNOWN_KINDS } from './known-kinds.ts';

/**
 * Whether documents can stand for a cluster: something in them is of a kind that shapes Service rules, or there is nothing in them but
 * empty Lists, as kubectl prints them for an empty cluster.
 */
export function standForCluster(documents: readonly unknown[]): boolean {
  const { objects, diagnostics } = expandLists(documents, []);
  if (objects.length === 0) return documents.length > 0 && diagnostics.length === 0;
  return objects.some(({ kind, apiVersion }) => {
    const version = KNOWN_KINDS.get(kind);
    return version !== undefined && groupOf(version) === groupOf(apiVersion);
  });
}
