import { dump } from 'js-yaml';

/** Data as YAML; shared objects are written out, lines are never folded. */
export function printYaml(data: unknown): string {
  return dump(data, { noRefs: true, lineWidth: -1 });
}
