import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import { printPath } from '../../core/diag/source-location.ts';
import type { Mapping } from '../../core/util/mapping.ts';
import { attributeOf, proxyFlags, type ProxyFlag } from './proxy-flags.ts';

/**
 * A value that a flag wrote into the configuration is wrong on the command line, and not in the file: the flag takes the place of the
 * field in the message, and no line of the file is named.
 */
export function nameFlags(diagnostics: readonly Diagnostic[], options: Mapping): readonly Diagnostic[] {
  const given = proxyFlags.filter((flag) => options[attributeOf(flag)] !== undefined);
  return diagnostics.map((diagnostic) => {
    const flag = given.find((f) => isAbout(diagnostic, f));
    if (flag === undefined) return diagnostic;
    const { location: _, ...rest } = diagnostic;
    const problem = diagnostic.message.slice(printPath(flag.field).length);
    return { ...rest, message: `--${flag.name}${problem}` };
  });
}

/** The message begins with the path of the field, or of a part of it. */
function isAbout({ code, message }: Diagnostic, { field }: ProxyFlag): boolean {
  const path = printPath(field);
  return code === 'config-invalid-value' && [':', '[', '.'].some((sign) => message.startsWith(`${path}${sign}`));
}
