import type { CompileOptions } from '../../core/compile/compile.ts';
import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import { readConfig } from '../../host/sources/read-config.ts';
import { readTemplates } from '../../host/sources/read-templates.ts';
import { nodeIo, type SourceIo } from '../../host/sources/source-io.ts';
import { patchConfig } from '../options/patch-config.ts';
import type { RulesFlags } from '../options/rules-options.ts';

/** A part of the options of the compiler, and what is wrong with the files it came from. */
export interface Loaded {
  readonly options: CompileOptions;
  readonly diagnostics: readonly Diagnostic[];
}

/** The file of --config with kube-proxy's flags written into it. */
export async function loadConfig(flags: RulesFlags, io: SourceIo = nodeIo): Promise<Loaded> {
  const file = flags.config === undefined ? undefined : await readConfig(flags.config, io);
  if (file !== undefined && 'problems' in file) return { options: {}, diagnostics: file.problems };
  const config = patchConfig(file?.config, { ...flags });
  return {
    options: {
      ...(config === undefined ? {} : { config }),
      ...(file === undefined ? {} : { configLocation: file.location }),
    },
    diagnostics: [],
  };
}

/** The templates of --templates. Handlebars' compiler is loaded only for them. */
export async function loadTemplates(folder: string | undefined, io: SourceIo = nodeIo): Promise<Loaded> {
  if (folder === undefined) return { options: {}, diagnostics: [] };
  const files = await readTemplates(folder, io);
  const { compileTemplates } = await import('../../core/render/compile-template.ts');
  const { templates, diagnostics } = compileTemplates(files);
  return { options: { templates }, diagnostics };
}
