import type { TemplateName, ViewFor } from './chain-shapes.ts';
import { templateSpecs } from './generated/templates.ts';
import { precompiledTemplate } from './precompiled-template.ts';

/** Turns a view into the rules of its chain: lines that each end in a newline. */
export type ChainTemplate = (view: object) => string;

/** A template's text and the path to name in messages. */
export interface TemplateFile {
  readonly text: string;
  readonly file: string;
}

/** Templates by name. Those that are missing are the built-in ones. */
export interface TemplateSet {
  readonly templates: ReadonlyMap<TemplateName, ChainTemplate>;
  /** Where they came from, for messages. */
  readonly sources?: ReadonlyMap<TemplateName, TemplateFile>;
}

const builtIn = new Map<string, ChainTemplate>();

function builtInTemplate(name: TemplateName): ChainTemplate {
  const known = builtIn.get(name);
  if (known !== undefined) return known;
  const render = precompiledTemplate(templateSpecs[name], name);
  builtIn.set(name, render);
  return render;
}

/** The rules of one chain. The type parameter ties the view to the template. */
export function renderChain<N extends TemplateName>(name: N, view: ViewFor<N>, custom?: TemplateSet): string {
  const template = custom?.templates.get(name) ?? builtInTemplate(name);
  const rules = template(view);
  // Asking for a character makes V8 turn the tree of pieces it has put together into one piece, a tenth of the memory.
  rules.charCodeAt(0);
  return rules;
}
