import handlebarsRuntime from 'handlebars/runtime.js';
import { invariant } from '../util/assert.ts';
import type { TemplateName, ViewFor } from './chain-shapes.ts';
import type { ObjectTemplateName, ObjectViewFor } from './object-shapes.ts';
import { templateSpecs } from './generated/templates.ts';

// handlebars/runtime.d.ts (4.7.10) declares nothing; the runtime is Handlebars without its compiler.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const runtime = handlebarsRuntime as unknown as {
  readonly template: (spec: object) => RuntimeTemplate;
  readonly helpers: object;
};

/**
 * What Handlebars' own partials use: `_setup` gathers the helpers, which a plain call does again each time, `_child` then only runs. A
 * partial takes the helpers as they are; otherwise each is wrapped to hand it a `lookupProperty`, which each and if do not use.
 */
interface RuntimeTemplate {
  readonly _setup: (options: object) => void;
  readonly _child: (program: 'main', data: unknown, blockParams: unknown, depths: readonly unknown[]) => ChainTemplate;
}

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

function builtInTemplate(name: TemplateName | ObjectTemplateName): ChainTemplate {
  const known = builtIn.get(name);
  if (known !== undefined) return known;
  const spec = templateSpecs[name];
  invariant(typeof spec === 'object' && spec !== null, `no template ${name}`);
  const template = runtime.template(spec);
  template._setup({ partial: true, helpers: runtime.helpers });
  const render = template._child('main', undefined, undefined, []);
  builtIn.set(name, render);
  return render;
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
