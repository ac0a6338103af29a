import { loadAll } from 'js-yaml';
import { aliasProblem } from './alias-check.ts';
import type { YamlChunk } from './split-yaml.ts';
import { kubernetesSchema } from './yaml-schema.ts';

/** js-yaml takes three times as long for many calls as for one, and twice as long for one call on a very long text. */
const BATCH_LENGTH = 1 << 18;

/** Neighbouring chunks, as many as are best read at once. */
export function batchesOf(chunks: readonly YamlChunk[]): YamlChunk[][] {
  const batches: YamlChunk[][] = [];
  let length = BATCH_LENGTH;
  for (const chunk of chunks) {
    if (length >= BATCH_LENGTH) {
      batches.push([]);
      length = 0;
    }
    batches.at(-1)?.push(chunk);
    length += chunk.text.length;
  }
  return batches;
}

/** One document per chunk; undefined if that is not what comes out, so that the chunks must be read one by one. */
export function readBatch(batch: readonly YamlChunk[]): unknown[] | undefined {
  if (batch.length < 2 || batch.some(({ text }) => /^(?:---\s*)?\{|^\.\.\./m.test(text))) return undefined;
  const text = batch.map((chunk) => chunk.text).join('');
  try {
    const documents = loadAll(text, { schema: kubernetesSchema });
    const suspicious = /[&*]/.test(text) && documents.some((document) => aliasProblem(document) !== undefined);
    return suspicious || documents.length !== batch.length ? undefined : documents;
  } catch {
    return undefined;
  }
}
