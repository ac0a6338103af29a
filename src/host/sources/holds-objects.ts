import { isMapping } from '../../core/util/mapping.ts';
import type { ParsedText } from './parsed-text.ts';

/**
 * Whether a file can be meant to hold Kubernetes objects: something in it has an apiVersion or a kind. Where it cannot be read, the
 * words decide; files of other tools that look like JSON or YAML and are neither (tsconfig.json) mostly have neither word.
 */
export function holdsObjects(text: string, { documents, diagnostics }: ParsedText): boolean {
  if (documents.some(looksLikeObject)) return true;
  return diagnostics.some((d) => d.severity === 'error')
    ? /\b(?:apiVersion|kind)\b/.test(text)
    : documents.length === 0;
}

function looksLikeObject(document: unknown): boolean {
  if (Array.isArray(document)) return document.some(looksLikeObject);
  return isMapping(document) && ['apiVersion', 'kind'].some((name) => Object.hasOwn(document, name));
}
