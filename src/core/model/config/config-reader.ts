import { isMapping } from '../../util/mapping.ts';

/** Reads fields by path. A value of the wrong type reads as undefined: `checkFields` has reported it. */
export interface ConfigReader {
  readonly string: (...path: readonly string[]) => string | undefined;
  readonly boolean: (...path: readonly string[]) => boolean | undefined;
  readonly integer: (...path: readonly string[]) => number | undefined;
  readonly strings: (...path: readonly string[]) => readonly string[];
}

export function configReader(root: Readonly<Record<string, unknown>>): ConfigReader {
  const at = (path: readonly string[]): unknown =>
    path.reduce<unknown>((v, name) => (isMapping(v) && Object.hasOwn(v, name) ? v[name] : undefined), root);
  return {
    string: (...path) => {
      const value = at(path);
      return typeof value === 'string' ? value : undefined;
    },
    boolean: (...path) => {
      const value = at(path);
      return typeof value === 'boolean' ? value : undefined;
    },
    integer: (...path) => {
      const value = at(path);
      return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
    },
    strings: (...path) => {
      const value = at(path);
      return Array.isArray(value) ? value.filter((item: unknown): item is string => typeof item === 'string') : [];
    },
  };
}
