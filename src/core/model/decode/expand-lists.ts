import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import {
  locatePart,
  printPath,
  type DocumentLocation,
  type FieldPath,
  type SourceLocation,
} from '../../diag/source-location.ts';
import { describeValue, isMapping, type Mapping } from '../../util/mapping.ts';
import { didYouMean } from '../../util/suggestion.ts';
import { isKnownList } from './known-kinds.ts';

/** A mapping with a kind; its contents are still unchecked. */
export interface RawObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** Finding an item of a long list takes a walk over the text: ask for a message only. */
  readonly locate: () => SourceLocation | undefined;
}

/** kubectl prints one level, a file of such files two; anything deeper is an alias that contains itself. */
const MAX_DEPTH = 8;

/** Takes `kind: List` (and the API's own ServiceList, whose items have no kind) apart. */
export function expandLists(
  documents: readonly unknown[],
  locations: readonly (DocumentLocation | undefined)[],
): { readonly objects: readonly RawObject[]; readonly diagnostics: readonly Diagnostic[] } {
  const objects: RawObject[] = [];
  const diagnostics: Diagnostic[] = [];

  const visit = (value: unknown, inherited: Inherited): void => {
    const { document, path } = inherited;
    const locate = (): SourceLocation | undefined => locatePart(locations[document], path());
    const found = isMapping(value) ? value : undefined;
    const kind = textOf(found?.['kind']) ?? inherited.kind;
    if (found === undefined || kind === undefined) {
      diagnostics.push(notAnObject(value, locate(), printPath(path())));
      return;
    }
    const apiVersion = textOf(found['apiVersion']) ?? inherited.apiVersion ?? '';
    const items = found['items'];
    if (!kind.endsWith('List') || !Array.isArray(items)) {
      if (!isKnownList(kind)) objects.push({ kind, apiVersion, value: found, locate });
      // Go prints an empty list as null; a list that does not speak of items at all lost them.
      else if (items !== null) diagnostics.push(noItems(kind, found, locate()));
    } else if (inherited.depth >= MAX_DEPTH) {
      const message = `lists inside lists, ${MAX_DEPTH} deep, are left out`;
      diagnostics.push(diagnose('nested-list', { message, location: locate() }));
    } else {
      const itemKind = kind === 'List' ? undefined : kind.slice(0, -'List'.length);
      const depth = inherited.depth + 1;
      items.forEach((item, i) => {
        visit(item, {
          kind: itemKind,
          apiVersion: itemKind && apiVersion,
          document,
          path: () => [...path(), 'items', i],
          depth,
        });
      });
    }
  };

  documents.forEach((value, document) => visit(value, { document, path: () => [], depth: 0 }));
  return { objects, diagnostics };
}

interface Inherited {
  readonly kind?: string | undefined;
  readonly apiVersion?: string | undefined;
  readonly document: number;
  /** Put together only for a message. */
  readonly path: () => FieldPath;
  readonly depth: number;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function notAnObject(value: unknown, location: SourceLocation | undefined, where: string): Diagnostic {
  const what = isMapping(value) ? 'a mapping without a kind' : describeValue(value);
  return diagnose('not-an-object', {
    message: `${where === '' ? 'the document' : where} is ${what}, not a Kubernetes object`,
    location,
    hint: isMapping(value) ? hintForKind(value) : isListing(value) ? LISTING_HINT : OBJECT_HINT,
  });
}

/** What `iptables -S` prints; to YAML it is one long text. */
function isListing(value: unknown): boolean {
  return typeof value === 'string' && /^-[PNA] [\w-]+/.test(value);
}

const LISTING_HINT = 'these are rules as iptables -S lists them, and Kubernetes objects are wanted here';
const OBJECT_HINT = 'an object has apiVersion, kind and metadata.name';

/** kubectl writes the kind of a list after its items. */
function hintForKind(value: Mapping): string {
  const near = didYouMeanKey(value, 'kind');
  if (near !== undefined) return near;
  return Array.isArray(value['items'])
    ? 'was the command that wrote it cut short? The kind of a List comes last'
    : OBJECT_HINT;
}

function noItems(kind: string, list: Mapping, location: SourceLocation | undefined): Diagnostic {
  const items = list['items'];
  const message =
    items === undefined
      ? `the ${kind} has no items`
      : `the items of the ${kind} are ${describeValue(items)}, not a list`;
  const near = items === undefined ? didYouMeanKey(list, 'items') : undefined;
  const empty = items === undefined ? 'an empty list says so: items: []' : 'each item begins with "- " in YAML';
  return diagnose('not-an-object', { message, location, hint: near ?? empty });
}

/** The key that was probably meant to be `field`. */
function didYouMeanKey(value: Mapping, field: string): string | undefined {
  const key = didYouMean(field, Object.keys(value));
  return key === undefined ? undefined : `did you mean ${field} by ${JSON.stringify(key)}?`;
}
