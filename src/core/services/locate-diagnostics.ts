import type { Diagnostic } from '../diag/diagnostic.ts';
import { objectKey, type Snapshot } from '../model/snapshot.ts';

/** Gives every diagnostic that names an object and no place the place where that object was read. */
export function locateDiagnostics(diagnostics: readonly Diagnostic[], snapshot: Snapshot): readonly Diagnostic[] {
  if (diagnostics.every(isPlaced)) return diagnostics;
  const { services, endpoints, endpointSlices, pods } = snapshot;
  const objects = [...services, ...endpoints, ...endpointSlices, ...pods];
  const byName = new Map(objects.map((object) => [`${object.kind} ${objectKey(object)}`, object]));
  return diagnostics.map((diagnostic) => {
    const { subject } = diagnostic;
    if (subject === undefined || isPlaced(diagnostic)) return diagnostic;
    const object = byName.get(`${subject.kind} ${subject.namespace ?? ''}/${subject.name}`);
    const location = object === undefined ? undefined : snapshot.locate(object);
    return location === undefined ? diagnostic : { ...diagnostic, location };
  });
}

function isPlaced({ subject, location }: Diagnostic): boolean {
  return subject === undefined || location !== undefined;
}
