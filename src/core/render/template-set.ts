import type { TemplateName, ViewFor } from './chain-shapes.ts';
import type { ObjectTemplateName, ObjectViewFor } from './object-shapes.ts';
import { invariant } from '../util/assert.ts';
import { builtInTemplates } from './generated/templates.ts';

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

function builtInTemplate(name: TemplateName | ObjectTemplateName): ChainTemplate {
  const template = builtInTemplates[name];
  invariant(template !== undefined, `no template ${name}`);
  return template;
}

/** The rules of one chain. The type parameter ties the view to the template. */
export function renderChain<N extends TemplateName>(name: N, view: ViewFor<N>, custom?: TemplateSet): string {
  const template = custom?.templates.get(name) ?? builtInTemplate(name);
  return inOnePiece(template(view));
}

/** The lines of one virtual server, or of one set. */
export function renderObject<N extends ObjectTemplateName>(name: N, view: ObjectViewFor<N>): string {
  return inOnePiece(builtInTemplate(name)(view));
}

/** Asking for a character makes V8 turn the tree of pieces it has put together into one piece, a tenth of the memory. */
function inOnePiece(lines: string): string {
  lines.charCodeAt(0);
  return lines;
}
