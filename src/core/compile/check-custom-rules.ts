import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import type { CompiledRules } from './compiled-rules.ts';

/**
 * A user's own template may print whatever it likes; what it prints must still be rules of its own chain, or it would change a chain
 * that is somebody else's. Not needed for the built-in templates: tests hold them to it.
 */
export function checkCustomRules(rules: CompiledRules): readonly Diagnostic[] {
  return rules.chains.flatMap(({ table, name, rules: text }) => {
    const foreign = text
      .split('\n')
      .find((line) => line !== '' && !line.startsWith('#') && !line.startsWith(`-A ${name} `));
    if (foreign === undefined && (text === '' || text.endsWith('\n'))) return [];
    const message =
      foreign === undefined
        ? `the template of ${table}/${name} does not end its last line`
        : `the template of ${table}/${name} prints ${JSON.stringify(foreign)}`;
    return [diagnose('template-bad-rule', { message, hint: `every line must begin with -A ${name}` })];
  });
}
