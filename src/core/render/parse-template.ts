import Handlebars from 'handlebars';
import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import { excerptOf } from '../diag/source-location.ts';
import { checkTemplate } from './check-template.ts';
import type { Shape } from './shape.ts';
import { syntaxFault } from './syntax-fault.ts';
import type { TemplateFile } from './template-set.ts';

export interface ParsedTemplate {
  /** Undefined if there are faults. */
  readonly program: ReturnType<typeof Handlebars.parse> | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** A template's syntax tree, if it uses only fields of the views that it is given. */
export function parseTemplate(template: TemplateFile, shape: Shape): ParsedTemplate {
  const { text, file } = template;
  let program: ReturnType<typeof Handlebars.parse>;
  try {
    program = Handlebars.parse(text);
  } catch (error) {
    return { program: undefined, diagnostics: [syntaxFault(error, template)] };
  }
  const faults = checkTemplate(program, shape);
  const diagnostics = faults.map(({ code, line, column, message, hint }) => {
    const location = { file, line, column, excerpt: excerptOf(text, line, column) };
    return diagnose(code, { message, location, hint });
  });
  return { program: faults.length > 0 ? undefined : program, diagnostics };
}
