// STUB of the command line's branch: replaced on merge by the renderer's own file.
import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';

export interface TemplateSet {
  readonly [chain: string]: unknown;
}

export function compileTemplates(files: ReadonlyMap<string, { readonly text: string; readonly file: string }>): {
  templates: TemplateSet;
  diagnostics: readonly Diagnostic[];
} {
  const broken = [...files.values()].filter(({ text }) => text.includes('{{#each') && !text.includes('{{/each'));
  return {
    templates: Object.fromEntries(files),
    diagnostics: broken.map(({ file }) => diagnose('template-syntax', { message: 'stub', location: { file } })),
  };
}
