/** A reader of HTML that takes only what the templates write: every element closed, every attribute quoted, every text escaped. */
export interface HtmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Elements and texts, in order. */
  readonly children: readonly (HtmlElement | string)[];
}

const VOID = new Set(['meta', 'input']);
/** Their contents are no markup. */
const RAW = /^(style|script)$/;
const TOKEN = /<!DOCTYPE html>|<(\/?)([A-Za-z][A-Za-z0-9]*)((?: [a-zA-Z:-]+(?:="[^"<]*")?)*)(\/?)>|[^<]+/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

interface Open {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: (HtmlElement | string)[];
}

/** Throws where the text is anything else. */
export function readHtml(text: string): HtmlElement {
  const root: Open = { name: '', attributes: new Map(), children: [] };
  const open: Open[] = [root];
  let at = 0;
  while (at < text.length) {
    const top = open.at(-1) ?? root;
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`no HTML at ${at}: ${text.slice(at, at + 80)}`);
    const [token, end, name, attributes = '', empty] = match;
    at += token.length;
    if (name === undefined) {
      if (!token.startsWith('<!')) top.children.push(unescape(token));
    } else if (end === '/') {
      if (top.name !== name) throw new Error(`</${name}> in <${top.name}> at ${at}`);
      open.pop();
    } else {
      const element: Open = { name, attributes: readAttributes(attributes), children: [] };
      top.children.push(element);
      if (VOID.has(name) || empty === '/') continue;
      if (RAW.test(name)) {
        const close = text.indexOf(`</${name}`, at);
        element.children.push(text.slice(at, close));
        at = close;
      }
      open.push(element);
    }
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)?.name ?? ''}> is not closed`);
  return root;
}

function readAttributes(text: string): Map<string, string> {
  const found = [...text.matchAll(/ ([a-zA-Z:-]+)(?:="([^"]*)")?/g)];
  return new Map(found.map(([, name = '', value = '']) => [name, unescape(value)]));
}

function unescape(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9A-Fa-f]+)|#(\d+)|(\w+));|&/g,
    (whole, hex?: string, number?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (number !== undefined) return String.fromCodePoint(Number(number));
      const sign = ENTITIES[name ?? ''];
      if (sign === undefined) throw new Error(`an & that is not escaped: ${whole} in ${text.slice(0, 80)}`);
      return sign;
    },
  );
}

/** The element and all within, in order. */
export function* elementsIn(element: HtmlElement): Generator<HtmlElement> {
  yield element;
  for (const child of element.children) if (typeof child !== 'string') yield* elementsIn(child);
}

export function textIn(element: HtmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textIn(child))).join('');
}

/** All elements of that name, or of that id: `#trace`. */
export function findAll(element: HtmlElement, what: string): readonly HtmlElement[] {
  return [...elementsIn(element)].filter(({ name, attributes }) =>
    what.startsWith('#') ? attributes.get('id') === what.slice(1) : name === what,
  );
}
