import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import type { SourceLocation } from '../../diag/source-location.ts';
import { isMapping } from '../../util/mapping.ts';

/** A mapping with a kind; its contents are still unchecked. */
export interface RawObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly location: SourceLocation | undefined;
}

/** kubectl prints one level, a file of such files two; anything deeper is an alias that contains itself. */
const MAX_DEPTH = 8;

/** Takes `kind: List` (and the API's own ServiceList, whose items have no kind) apart. */
export function expandLists(
  documents: readonly unknown[],
  locations: readonly (SourceLocation | undefined)[],
): { readonly objects: readonly RawObject[]; readonly diagnostics: readonly Diagnostic[] } {
  const objects: RawObject[] = [];
  const diagnostics: Diagnostic[] = [];

  const visit = (value: unknown, location: SourceLocation | undefined, inherited: Inherited, depth: number): void => {
    const found = isMapping(value) ? value : undefined;
    const kind = textOf(found?.['kind']) ?? inherited.kind;
    if (found === undefined || kind === undefined) {
      diagnostics.push(notAnObject(value, location, inherited.where));
      return;
    }
    const apiVersion = textOf(found['apiVersion']) ?? inherited.apiVersion ?? '';
    const items = found['items'];
    if (!kind.endsWith('List') || !Array.isArray(items)) {
      if (kind === 'List') return; // An empty list: items is null or absent.
      objects.push({ kind, apiVersion, value: found, location });
    } else if (depth >= MAX_DEPTH) {
      diagnostics.push(
        diagnose('nested-list', { message: `lists inside lists, ${MAX_DEPTH} deep, are left out`, location }),
      );
    } else {
      const itemKind = kind === 'List' ? undefined : kind.slice(0, -'List'.length);
      items.forEach((item, i) => {
        const where = `${inherited.where}items[${i}]`;
        visit(item, location, { kind: itemKind, apiVersion: itemKind && apiVersion, where }, depth + 1);
      });
    }
  };

  documents.forEach((document, i) => visit(document, locations[i], { where: '' }, 0));
  return { objects, diagnostics };
}

interface Inherited {
  readonly kind?: string | undefined;
  readonly apiVersion?: string | undefined;
  readonly where: string;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function notAnObject(value: unknown, location: SourceLocation | undefined, where: string): Diagnostic {
  const what = isMapping(value) ? 'a mapping without a kind' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  return diagnose('not-an-object', {
    message: `${where === '' ? 'the document' : where} is ${what}, not a Kubernetes object`,
    location,
    hint: 'an object has apiVersion, kind and metadata.name',
  });
}
