import handlebarsRuntime from 'handlebars/runtime.js';
import { invariant } from '../util/assert.ts';

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
  readonly _child: (
    program: 'main',
    data: unknown,
    blockParams: unknown,
    depths: readonly unknown[],
  ) => PrecompiledTemplate;
}

export type PrecompiledTemplate = (view: object) => string;

/** A template of the report, as the build has precompiled it (scripts/gen.mjs), ready to run. */
export function precompiledTemplate(spec: unknown, name: string): PrecompiledTemplate {
  invariant(typeof spec === 'object' && spec !== null, `no template ${name}`);
  const template = runtime.template(spec);
  template._setup({ partial: true, helpers: runtime.helpers });
  return template._child('main', undefined, undefined, []);
}
