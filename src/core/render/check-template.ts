import { assertNever } from '../util/assert.ts';
import { didYouMean } from '../util/suggestion.ts';
import type { Field, Shape } from './shape.ts';

/** A fault of a template. Lines and columns count from 1. */
export interface TemplateFault {
  readonly code: 'template-syntax' | 'template-unknown-field' | 'template-not-allowed';
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** The part of Handlebars' syntax tree that templates may use; `Handlebars.parse` gives it. */
export interface TemplateNode {
  readonly type: string;
  readonly loc: { readonly start: { readonly line: number; readonly column: number } };
}

interface Program {
  readonly body: readonly TemplateNode[];
  readonly blockParams?: readonly string[] | undefined;
}

interface Path extends TemplateNode {
  readonly original: string;
  readonly data: boolean;
  readonly depth: number;
  readonly parts: readonly string[];
}

interface Statement extends TemplateNode {
  /** False for `{{{field}}}` and `{{&field}}`. */
  readonly escaped?: boolean;
  readonly path: TemplateNode;
  readonly params: readonly TemplateNode[];
  readonly hash?: unknown;
  readonly program?: Program;
  readonly inverse?: Program;
}

interface Content extends TemplateNode {
  readonly original: string;
}

function isContent(node: TemplateNode): node is Content {
  return node.type === 'ContentStatement';
}

function isStatement(node: TemplateNode): node is Statement {
  return 'path' in node && 'params' in node;
}

function isPath(node: TemplateNode): node is Path {
  return node.type === 'PathExpression';
}

/**
 * Checks every path of a template against the shape of its view, in the scope where it stands: a misspelt field is found without
 * rendering, also in a branch that is rarely taken. In HTML, what is not markup must be escaped.
 */
export function checkTemplate(
  program: Program,
  shape: Shape,
  language: 'rules' | 'html' = 'rules',
): readonly TemplateFault[] {
  const checker = new Checker(language === 'html');
  checker.program(program, [shape]);
  return checker.faults;
}

/** Innermost scope first. */
type Scopes = readonly [Shape, ...Shape[]];

class Checker {
  readonly faults: TemplateFault[] = [];
  readonly #isHtml: boolean;

  constructor(isHtml: boolean) {
    this.#isHtml = isHtml;
  }

  program(program: Program, scopes: Scopes): void {
    for (const node of program.body) this.#statement(node, scopes);
  }

  #fault(node: TemplateNode, code: TemplateFault['code'], message: string, hint?: string): undefined {
    const { line, column } = node.loc.start;
    this.faults.push({ code, line, column: column + 1, message, hint });
    return undefined;
  }

  #statement(node: TemplateNode, scopes: Scopes): void {
    switch (node.type) {
      case 'ContentStatement':
        if (isContent(node)) this.#content(node);
        return;
      case 'CommentStatement':
        return;
      case 'MustacheStatement':
        if (isStatement(node)) this.#mustache(node, scopes);
        return;
      case 'BlockStatement':
        if (isStatement(node)) this.#block(node, scopes);
        return;
      default:
        this.#fault(
          node,
          'template-not-allowed',
          `${node.type} is not allowed; templates have each, if, unless and fields`,
        );
    }
  }

  /** To Handlebars a lonely `}}` is text. */
  #content({ original, loc }: Content): void {
    const offset = original.indexOf('}}');
    if (offset === -1) return;
    const lines = original.slice(0, offset).split('\n');
    const column = (lines.at(-1) ?? '').length + (lines.length === 1 ? loc.start.column : 0);
    this.faults.push({
      code: 'template-syntax',
      line: loc.start.line + lines.length - 1,
      column: column + 1,
      message: 'a }} that no {{ opens',
    });
  }

  #mustache(node: Statement, scopes: Scopes): void {
    if (node.params.length > 0 || node.hash !== undefined) {
      this.#fault(node, 'template-not-allowed', 'helpers are not allowed; a field stands alone');
      return;
    }
    const field = this.#field(node.path, scopes);
    if (field?.kind === 'markup' && node.escaped !== false) {
      this.#fault(node, 'template-not-allowed', 'markup needs {{{ }}}');
    }
    if (field?.kind !== 'markup' && node.escaped === false && this.#isHtml) {
      this.#fault(node, 'template-not-allowed', 'only markup is put in as it is');
    }
    if (field?.kind === 'list') this.#fault(node, 'template-not-allowed', 'a list cannot be printed; use {{#each}}');
    if (field?.kind === 'flag') this.#fault(node, 'template-not-allowed', 'a flag cannot be printed; use {{#if}}');
  }

  #block(node: Statement, scopes: Scopes): void {
    const helper = isPath(node.path) ? node.path.original : '';
    const [param] = node.params;
    const hasBlockParams = (node.program?.blockParams ?? node.inverse?.blockParams) !== undefined;
    if (
      !['each', 'if', 'unless'].includes(helper) ||
      param === undefined ||
      node.params.length > 1 ||
      node.hash !== undefined ||
      hasBlockParams
    ) {
      this.#fault(node, 'template-not-allowed', `only {{#each list}}, {{#if field}} and {{#unless field}} are allowed`);
      return;
    }
    const field = this.#field(param, scopes);
    const inner = field === undefined ? undefined : this.#scopeOf(helper, field, node, scopes);
    if (inner === undefined) return;
    if (node.program !== undefined) this.program(node.program, inner);
    if (node.inverse !== undefined) this.program(node.inverse, scopes);
  }

  #scopeOf(helper: string, field: Field, node: TemplateNode, scopes: Scopes): Scopes | undefined {
    if (helper === 'each') {
      return field.kind === 'list'
        ? [field.of, ...scopes]
        : this.#fault(node, 'template-not-allowed', '{{#each}} needs a list');
    }
    switch (field.kind) {
      case 'text':
      case 'markup':
      case 'flag':
      case 'list':
        return scopes;
      case 'number':
        return this.#fault(node, 'template-not-allowed', 'a number cannot be a condition: 0 would count as false');
      default:
        return assertNever(field, 'field');
    }
  }

  #field(node: TemplateNode, scopes: Scopes): Field | undefined {
    const [name, ...rest] = isPath(node) ? node.parts : [];
    if (!isPath(node) || name === undefined || rest.length > 0 || node.data) {
      return this.#fault(node, 'template-not-allowed', 'only plain field names are allowed');
    }
    const shape = scopes[node.depth];
    const field = shape !== undefined && Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (field !== undefined) return field;
    return this.#fault(
      node,
      'template-unknown-field',
      `there is no field ${JSON.stringify(node.original)} here`,
      hintFor(name, node.depth, scopes),
    );
  }
}

function hintFor(name: string, depth: number, scopes: Scopes): string {
  const outer = scopes.findIndex((shape, i) => i > depth && Object.hasOwn(shape, name));
  if (outer !== -1) return `did you mean ${'../'.repeat(outer)}${name}?`;
  const known = Object.keys(scopes[depth] ?? {});
  const near = didYouMean(name, known);
  if (near !== undefined) return `did you mean ${near}?`;
  return known.length === 0 ? 'this view has no fields' : `the fields here are ${known.join(', ')}`;
}
