import type { FieldPath } from '../../diag/source-location.ts';
import { assertNever } from '../../util/assert.ts';
import { describeValue, isMapping } from '../../util/mapping.ts';
import { didYouMean } from '../../util/suggestion.ts';
import { invalidValue, unknownField, type ConfigProblem } from './config-problem.ts';
import { durationSeconds } from './go-duration.ts';
import { KUBE_PROXY_FIELDS, type FieldTable, type FieldType } from './field-table.ts';

/** All fields that the table does not know, and all values of the wrong type. Field names are case-sensitive. */
export function checkFields(
  value: Readonly<Record<string, unknown>>,
  table: FieldTable,
  path: FieldPath = [],
): ConfigProblem[] {
  return Object.entries(value).flatMap(([name, field]) => {
    const at = [...path, name];
    const type = Object.hasOwn(table, name) ? table[name] : undefined;
    if (type === undefined) return [unknownField(at, Object.keys(table), allPaths(KUBE_PROXY_FIELDS))];
    return field === null || field === undefined ? [] : checkValue(field, type, at);
  });
}

function allPaths(table: FieldTable): readonly FieldPath[] {
  return Object.entries(table).flatMap(([name, type]): readonly FieldPath[] =>
    type.kind === 'mapping' ? allPaths(type.fields).map((path) => [name, ...path]) : [[name]],
  );
}

function checkValue(value: unknown, type: FieldType, path: FieldPath): ConfigProblem[] {
  switch (type.kind) {
    case 'mapping':
      return isMapping(value) ? checkFields(value, type.fields, path) : [wrongType(value, path, 'a mapping')];
    case 'list':
      if (!Array.isArray(value)) return [wrongType(value, path, 'a list')];
      return value.flatMap((item: unknown, i) =>
        checkValue(item, { kind: 'mapping', fields: type.fields }, [...path, i]),
      );
    case 'strings':
      if (!Array.isArray(value)) return [wrongType(value, path, 'a list of strings')];
      return value.flatMap((item: unknown, i) =>
        typeof item === 'string' ? [] : [wrongType(item, [...path, i], 'a string')],
      );
    case 'switches':
      if (!isMapping(value)) return [wrongType(value, path, 'a mapping of names to true or false')];
      return Object.entries(value).flatMap(([name, item]) => {
        const at = [...path, name];
        if (typeof item !== 'boolean') return [wrongType(item, at, 'true or false')];
        // There are hundreds of gates, and all but one leave the rules alone: only a slip of that one matters.
        const slip = name !== type.shapesRules && didYouMean(name, [type.shapesRules]) !== undefined;
        return slip ? [unknownField(at, [type.shapesRules], [])] : [];
      });
    case 'integer': {
      const { min = -Infinity, max = Infinity } = type;
      const fits = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
      return fits ? [] : [wrongType(value, path, `a whole number from ${min} to ${max}`)];
    }
    case 'duration':
      return typeof value === 'string' && durationSeconds(value) !== undefined
        ? []
        : [wrongType(value, path, 'a duration such as "30s"')];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [wrongType(value, path, 'true or false')];
    case 'scalar':
      return typeof value === 'string' || typeof value === 'number'
        ? []
        : [wrongType(value, path, 'a string or number')];
    case 'number':
    case 'string':
      return typeof value === type.kind ? [] : [wrongType(value, path, `a ${type.kind}`)];
    default:
      return assertNever(type, 'field type');
  }
}

function wrongType(value: unknown, path: FieldPath, expected: string): ConfigProblem {
  return invalidValue(path, `${describeValue(value)} is not ${expected}`);
}
