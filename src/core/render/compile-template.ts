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
  const column = Number(/- \d+:(\d+)$/.exec(message)?.[1] ?? quotedColumn(message, text, line)) + 1;
  const reason = message.split('\n').length > 1 ? (message.split('\n').at(-1) ?? message) : message;
  const location = { file, line, column, excerpt: excerptOf(text, line, column) };
  return diagnose('template-syntax', { message: reason, location });
}

/**
 * The parser quotes up to twenty characters before and after the fault, without line ends, and draws `-----^` under it. The column, from
 * 0, is where the text reads so; 0 if it is not found.
 */
function quotedColumn(message: string, text: string, line: number): number {
  const lines = message.split('\n');
  const caret = lines.findIndex((l) => /^-*\^$/.test(l));
  const quote = lines[caret - 1] ?? '';
  const at = (lines[caret]?.length ?? 1) - 1;
  const before = quote.slice(0, at).replace(/^\.\.\./, '');
  const after = quote.slice(at).replace(/\.\.\.$/, '');
  const textLines = text.split('\n');
  const start = textLines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0);
  for (let column = 0; column <= (textLines[line - 1] ?? '').length; column++) {
    const offset = start + column;
    const fits =
      text.slice(0, offset).replaceAll('\n', '').endsWith(before) &&
      text.slice(offset).replaceAll('\n', '').startsWith(after);
    if (fits) return column;
  }
  return 0;
}
