/**
 * What a template may use, as data: the same description gives the view its TypeScript type (`ViewOf`), lets the build and
 * `--templates` check every path of a template, and is printed in templates/README.md.
 */
export type Field =
  | { readonly kind: 'text'; readonly doc: string }
  /** HTML that is put in as it is, with `{{{field}}}`. Views of chains have no such field. */
  | { readonly kind: 'markup'; readonly doc: string }
  | { readonly kind: 'number'; readonly doc: string }
  | { readonly kind: 'flag'; readonly doc: string }
  | { readonly kind: 'list'; readonly doc: string; readonly of: Shape };

export interface Shape {
  readonly [name: string]: Field;
}

/** The value that belongs to a shape. */
export type ViewOf<S extends Shape> = { readonly [N in keyof S]: ValueOf<S[N]> };

type ValueOf<F> = F extends { readonly kind: 'text' | 'markup' }
  ? string
  : F extends { readonly kind: 'number' }
    ? number
    : F extends { readonly kind: 'flag' }
      ? boolean
      : F extends { readonly kind: 'list'; readonly of: infer S extends Shape }
        ? readonly ViewOf<S>[]
        : never;
