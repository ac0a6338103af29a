import Handlebars from 'handlebars';
import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import { excerptOf } from '../diag/source-location.ts';
import { didYouMean } from '../util/suggestion.ts';
import { chainShapes, isTemplateName, type TemplateName } from './chain-shapes.ts';
import { checkTemplate } from './check-template.ts';
import type { ChainTemplate, TemplateSet } from './template-set.ts';

/** A template's text and the path to name in messages. */
export interface TemplateFile {
  readonly text: string;
  readonly file: string;
}

/** The same strictness as the built-in templates (scripts/gen.mjs). */
const COMPILE_OPTIONS = { noEscape: true, strict: true, knownHelpersOnly: true, preventIndent: true };

/**
 * Compiles a user's own templates, keyed `TABLE/CHAIN.hbs`. A template with a fault has a diagnostic that names file, line and
 * column, and is not in the set. Loads Handlebars' compiler: import this module only where it is needed.
 */
export function compileTemplates(files: ReadonlyMap<string, TemplateFile>): {
  readonly templates: TemplateSet;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const templates = new Map<TemplateName, ChainTemplate>();
  for (const [key, template] of files) {
    const name = key.replace(/\.hbs$/, '');
    if (!isTemplateName(name)) {
      const near = didYouMean(name, Object.keys(chainShapes));
      const hint = near === undefined ? 'templates are named TABLE/CHAIN.hbs' : `did you mean ${near}.hbs?`;
      diagnostics.push(
        diagnose('template-unknown-file', {
          message: `there is no chain template ${key}`,
          location: { file: template.file },
          hint,
        }),
      );
      continue;
    }
    const compiled = compileOne(name, template, diagnostics);
    if (compiled !== undefined) templates.set(name, compiled);
  }
  return { templates: { templates }, diagnostics };
}

function compileOne(name: TemplateName, template: TemplateFile, diagnostics: Diagnostic[]): ChainTemplate | undefined {
  const { text, file } = template;
  let program: ReturnType<typeof Handlebars.parse>;
  try {
    program = Handlebars.parse(text);
  } catch (error) {
    diagnostics.push(syntaxFault(error, template));
    return undefined;
  }
  const faults = checkTemplate(program, chainShapes[name]);
  for (const { code, line, column, message, hint } of faults) {
    const location = { file, line, column, excerpt: excerptOf(text, line, column) };
    diagnostics.push(diagnose(code, { message, location, hint }));
  }
  if (faults.length > 0) return undefined;
  const compiled = Handlebars.compile<object>(program, COMPILE_OPTIONS);
  return (view) => compiled(view);
}

/** Handlebars' parser puts the line into the first line of its message; some errors carry a position instead. */
function syntaxFault(error: unknown, { text, file }: TemplateFile): Diagnostic {
  const message = error instanceof Error ? error.message : String(error);
  const line = Number(/line (\d+)/.exec(message)?.[1] ?? /- (\d+):\d+$/.exec(message)?.[1] ?? 1);
  // The parser counts the end of the text from the start of what it quotes, which may be some lines before.
  const lineEnd = (text.split('\n')[line - 1] ?? '').length + 1;
  const column = Math.min(Number(/- \d+:(\d+)$/.exec(message)?.[1] ?? caretColumn(message) ?? 0) + 1, lineEnd);
  const reason = message.split('\n').length > 1 ? (message.split('\n').at(-1) ?? message) : message;
  const location = { file, line, column, excerpt: excerptOf(text, line, column) };
  return diagnose('template-syntax', { message: reason, location });
}

/** The parser draws `-----^` under the text it quotes, which is the end of what it read and not always a whole line. */
function caretColumn(message: string): number | undefined {
  const caret = message.split('\n').find((line) => /^-*\^$/.test(line));
  return caret === undefined ? undefined : caret.length - 1;
}
