import Handlebars from 'handlebars';
import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import { didYouMean } from '../util/suggestion.ts';
import { chainShapes, isTemplateName, type TemplateName } from './chain-shapes.ts';
import { parseTemplate } from './parse-template.ts';
import type { ChainTemplate, TemplateFile, TemplateSet } from './template-set.ts';

/** What the build has checked for the built-in templates (scripts/check-templates.mjs) is checked at run time for a user's own. */
const COMPILE_OPTIONS = { noEscape: true, strict: true, knownHelpersOnly: true, preventIndent: true };

/**
 * Compiles a user's own templates, keyed `TABLE/CHAIN.hbs`. A template with a fault has a diagnostic that names file, line and
 * column, and is not in the set. Those of the ipvs mode are keyed `iptables-ipvs/TABLE/CHAIN.hbs`. Loads Handlebars' compiler: import this
 * module only where it is needed.
 */
export function compileTemplates(files: ReadonlyMap<string, TemplateFile>): {
  readonly templates: TemplateSet;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const templates = new Map<TemplateName, ChainTemplate>();
  const sources = new Map<TemplateName, TemplateFile>();
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
    if (compiled === undefined) continue;
    templates.set(name, compiled);
    sources.set(name, template);
  }
  return { templates: { templates, sources }, diagnostics };
}

function compileOne(name: TemplateName, template: TemplateFile, diagnostics: Diagnostic[]): ChainTemplate | undefined {
  const { program, diagnostics: faults } = parseTemplate(template, chainShapes[name]);
  diagnostics.push(...faults);
  if (program === undefined) return undefined;
  const compiled = Handlebars.compile<object>(program, COMPILE_OPTIONS);
  return (view) => compiled(view);
}
