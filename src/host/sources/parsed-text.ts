import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import type { DocumentLocation } from '../../core/diag/source-location.ts';

/** What a text holds: its top-level documents, where each starts, and what is wrong with the rest. */
export interface ParsedText {
  readonly documents: readonly unknown[];
  /** As many as `documents`. */
  readonly locations: readonly DocumentLocation[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Collects documents of one or more texts. */
export interface ParsedTextBuilder {
  readonly documents: unknown[];
  readonly locations: DocumentLocation[];
  readonly diagnostics: Diagnostic[];
}

export function emptyParsedText(): ParsedTextBuilder {
  return { documents: [], locations: [], diagnostics: [] };
}

/** `push(...list)` overflows the stack on long lists. */
export function appendParsed(to: ParsedTextBuilder, parsed: ParsedText): void {
  for (const document of parsed.documents) to.documents.push(document);
  for (const location of parsed.locations) to.locations.push(location);
  for (const diagnostic of parsed.diagnostics) to.diagnostics.push(diagnostic);
}
