import { InvalidArgumentError } from 'commander';
import { isMapping } from '../../core/util/mapping.ts';

/** kube-proxy's boolean flags are read by Go's strconv.ParseBool. */
const TRUE_TEXTS: ReadonlySet<string> = new Set(['true', '1', 't', 'T', 'TRUE', 'True']);
const FALSE_TEXTS: ReadonlySet<string> = new Set(['false', '0', 'f', 'F', 'FALSE', 'False']);

export function parseBoolean(text: string): boolean {
  if (TRUE_TEXTS.has(text)) return true;
  if (FALSE_TEXTS.has(text)) return false;
  throw new InvalidArgumentError('It takes true or false.');
}

export function parseInteger(text: string): number {
  if (!/^-?[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('It takes a whole number.');
  return Number(text);
}

/** `a,b` */
function parseList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** `--flag a,b --flag c`: each time adds to the list. */
export function collectList(text: string, before: unknown): string[] {
  return [...(Array.isArray(before) ? before.map(String) : []), ...parseList(text)];
}

/** `--feature-gates A=true,B=false`, each time adding to the mapping. */
export function collectSwitches(text: string, before: unknown): Readonly<Record<string, unknown>> {
  const switches: Record<string, unknown> = isMapping(before) ? { ...before } : {};
  for (const item of parseList(text)) {
    const [name = '', value, ...rest] = item.split('=').map((part) => part.trim());
    if (name === '' || value === undefined || rest.length > 0) throw new InvalidArgumentError('It takes NAME=true,...');
    switches[name] = parseBoolean(value);
  }
  return switches;
}
