import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { printLocation, type SourceLocation } from '../../diag/source-location.ts';
import { compareStrings } from '../../util/order.ts';
import type { KubernetesObject } from '../kubernetes.ts';
import { objectKey, subjectOf } from '../snapshot.ts';

/**
 * Each object once. The same object read twice is no fault; two versions of it are, and the one whose contents sort first is
 * taken, so that the order of files does not matter.
 */
export function withoutDuplicates(
  objects: readonly KubernetesObject[],
  locate: (object: KubernetesObject) => SourceLocation | undefined,
  diagnostics: Diagnostic[],
): readonly KubernetesObject[] {
  const byKey = new Map<string, KubernetesObject[]>();
  for (const object of objects) {
    const key = `${object.kind}/${objectKey(object)}`;
    const same = byKey.get(key);
    if (same === undefined) byKey.set(key, [object]);
    else same.push(object);
  }
  return [...byKey.values()]
    .map((same) => {
      const [first] = same;
      if (first === undefined || same.length === 1) return first;
      return chooseOne(same, locate, diagnostics);
    })
    .filter((object) => object !== undefined);
}

function chooseOne(
  same: readonly KubernetesObject[],
  locate: (object: KubernetesObject) => SourceLocation | undefined,
  diagnostics: Diagnostic[],
): KubernetesObject | undefined {
  const versions = same
    .map((object) => ({ object, text: canonicalText(object) }))
    .sort((a, b) => compareStrings(a.text, b.text));
  const [chosen] = versions;
  const others = new Set(versions.map((v) => v.text)).size - 1;
  if (chosen === undefined || others === 0) return chosen?.object;
  const places = [...new Set(same.map(locate).flatMap((l) => (l === undefined ? [] : [printLocation(l)])))].sort();
  diagnostics.push(
    diagnose('duplicate-object', {
      message: `given ${same.length} times with ${others + 1} different contents${places.length === 0 ? '' : ` (${places.join(', ')})`}`,
      subject: subjectOf(chosen.object),
      location: locate(chosen.object),
      hint: 'give only one of them',
    }),
  );
  return chosen.object;
}

/** JSON with the entries of maps sorted. The fields of decoded objects always have the same order. */
function canonicalText(object: KubernetesObject): string {
  return JSON.stringify(object, (_key, value: unknown) =>
    value instanceof Map ? [...value.entries()].sort(([a], [b]) => compareStrings(String(a), String(b))) : value,
  );
}
