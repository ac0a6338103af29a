import { loadAll, YAMLException } from 'js-yaml';
import { diagnose, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { positionAt } from '../../core/diag/source-location.ts';
import { aliasProblem } from './alias-check.ts';
import { excerptAt } from './excerpt-at.ts';
import { helmDiagnostic } from './helm-template.ts';
import { emptyParsedText, type ParsedText, type ParsedTextBuilder } from './parsed-text.ts';
import { partLocator } from './part-locator.ts';
import { firstContentLine, splitYaml, type YamlChunk } from './split-yaml.ts';
import { batchesOf, readBatch } from './yaml-batches.ts';
import { yamlHint } from './yaml-hint.ts';
import { yamlPartsOf, yamlRoot } from './yaml-parts.ts';
import { kubernetesSchema } from './yaml-schema.ts';

/** A stream of YAML documents; those that are empty or only comments are dropped. */
export function parseYaml(text: string, file: string): ParsedText {
  const parsed = emptyParsedText();
  const chunks = splitYaml(text).filter((chunk) => firstContentLine(chunk.text) !== undefined);
  for (const batch of batchesOf(chunks)) {
    const documents = readBatch(batch);
    for (const [i, chunk] of batch.entries()) {
      if (documents === undefined) parseChunk(chunk, file, parsed);
      else addDocument(documents[i], chunk, file, parsed);
    }
  }
  return parsed;
}

function parseChunk(chunk: YamlChunk, file: string, parsed: ParsedTextBuilder): void {
  try {
    for (const document of readChunk(chunk.text)) addDocument(document, chunk, file, parsed);
  } catch (error) {
    parsed.diagnostics.push(helmDiagnostic(chunk.text, file, chunk.firstLine) ?? yamlFault(error, chunk, file));
  }
}

function addDocument(document: unknown, chunk: YamlChunk, file: string, parsed: ParsedTextBuilder): void {
  if (document === null || document === undefined) return;
  parsed.documents.push(document);
  const line = chunk.firstLine + (firstContentLine(chunk.text) ?? 0);
  parsed.locations.push({ file, line, locate: partLocator(file, () => yamlRoot(chunk), yamlPartsOf) });
}

function readChunk(text: string): unknown[] {
  const documents = readJsonChunk(text) ?? loadAll(text, { schema: kubernetesSchema });
  if (/[&*]/.test(text)) {
    for (const document of documents) {
      const problem = aliasProblem(document);
      if (problem !== undefined) throw new YAMLException(problem);
    }
  }
  return documents;
}

/** JSON between `---` lines, ten times faster this way. */
function readJsonChunk(text: string): unknown[] | undefined {
  const body = text.replace(/^---/, '').trimStart();
  if (!body.startsWith('{')) return undefined;
  try {
    const document: unknown = JSON.parse(body);
    return [document];
  } catch {
    return undefined;
  }
}

/** The reader also throws other errors than its own on odd input (a stack overflow, a bad number): those have no place. */
function yamlFault(error: unknown, chunk: YamlChunk, file: string): Diagnostic {
  const { reason, at } = describeFault(error);
  if (at === undefined) {
    const line = chunk.firstLine + (firstContentLine(chunk.text) ?? 0);
    return diagnose('yaml-syntax', { message: reason, location: { file, line }, hint: yamlHint(reason, '', 0) });
  }
  // What is never closed is noticed where the text ends: at the end of its last line, not below it.
  const content = chunk.text.trimEnd();
  const end = positionAt(content, content.length);
  const { line: row, column } = at.line < end.line ? { line: at.line + 1, column: at.column + 1 } : end;
  const line = chunk.firstLine + row - 1;
  const excerpt = excerptAt(chunk.text, row, column, line);
  const hint = yamlHint(reason, chunk.text, row - 1);
  return diagnose('yaml-syntax', { message: reason, location: { file, line, column, excerpt }, hint });
}

function describeFault(error: unknown): { reason: string; at?: { readonly line: number; readonly column: number } } {
  if (!(error instanceof YAMLException)) return { reason: error instanceof Error ? error.message : String(error) };
  return error.mark === undefined ? { reason: error.reason } : { reason: error.reason, at: error.mark };
}
