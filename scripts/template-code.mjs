// What a built-in template is at run time: one function of its view, made of the tree that Handlebars parses. Handlebars' own code asks for
// every field whether it is there and whether it is a function, and makes an object for every block; the build has checked the fields
// (check-templates.mjs), and a large cluster renders 56,000 chains while its node waits.

/** Handlebars counts an empty list as false. */
export const HELPERS = [
  'const on = (value) => (Array.isArray(value) ? value.length > 0 : Boolean(value));',
  "const each = (list, render) => { let text = ''; for (const item of list) text += render(item); return text; };",
];

/** @param program as Handlebars.parse gives it */
export function templateCode(program) {
  return `(v0) => ${programCode(program, 0)}`;
}

/** A template literal. Only a list has a view of its own, one deeper: Handlebars' if and unless leave it as it is. */
function programCode(program, depth) {
  return `\`${(program?.body ?? []).map((statement) => statementCode(statement, depth)).join('')}\``;
}

function statementCode(statement, depth) {
  switch (statement.type) {
    case 'CommentStatement':
      return '';
    case 'ContentStatement':
      return statement.value.replace(/[\\`$]/g, '\\$&');
    case 'MustacheStatement':
      return `\${${fieldCode(statement.path, depth)} ?? ''}`;
    case 'BlockStatement':
      return `\${${blockCode(statement, depth)}}`;
    default:
      throw new Error(`a template has a ${statement.type}`);
  }
}

function blockCode({ path, params, program, inverse }, depth) {
  const [given] = params;
  const field = fieldCode(given, depth);
  switch (path.original) {
    case 'if':
      return `on(${field}) ? ${programCode(program, depth)} : ${programCode(inverse, depth)}`;
    case 'unless':
      return `on(${field}) ? ${programCode(inverse, depth)} : ${programCode(program, depth)}`;
    case 'each':
      if (inverse !== undefined) break;
      return `each(${field}, (v${depth + 1}) => ${programCode(program, depth + 1)})`;
  }
  throw new Error(`a template has a block ${path.original} that is not known here`);
}

function fieldCode(path, depth) {
  const [name, ...more] = path.parts;
  if (path.data || name === undefined || more.length > 0) throw new Error(`a template reads ${path.original}`);
  return `v${depth - path.depth}.${name}`;
}
