import { invariant } from '../../util/assert.ts';

/** What Graphviz' boxes, arrows and texts need; everything else is left out. */
const KEPT: { readonly [element: string]: readonly string[] } = {
  svg: ['viewBox'],
  g: ['class', 'transform'],
  polygon: ['points'],
  polyline: ['points'],
  path: ['d'],
  text: ['text-anchor', 'x', 'y'],
};

const TOKEN = /<!--[^]*?-->|<[!?][^>]*>|<title>[^<]*<\/title>\n?|<(\/?)([\w:]+)([^>]*?)(\/?)>|[^<]+/g;
const ATTRIBUTE = /([\w:-]+)="([^"<]*)"/g;

/**
 * A drawing of Graphviz as an element of a page: built anew of the elements and attributes that are known, so that nothing else gets into the
 * page. Its size is that of its texts in pixels, fonts and colours are those of the page.
 */
export function tidySvg(svg: string, label: string): string {
  const parts: string[] = [];
  for (const [token, end, element, attributes = '', empty = ''] of svg.matchAll(TOKEN)) {
    if (element === undefined) {
      if (!token.startsWith('<')) parts.push(token.trim().replaceAll('&#45;', '-'));
      continue;
    }
    const kept = KEPT[element];
    invariant(kept !== undefined, `Graphviz draws an element ${element}`);
    if (end === '/') {
      parts.push(`</${element}>`);
      continue;
    }
    const own = [...attributes.matchAll(ATTRIBUTE)].flatMap(([text, name = '', value = '']) =>
      kept.includes(name) && value !== PLAIN[name] ? [` ${text}`] : [],
    );
    parts.push(`<${element}${element === 'svg' ? rootAttributes(attributes, label) : ''}${own.join('')}${empty}>`);
  }
  return parts.join('');
}

/** What the style sheet says of all. */
const PLAIN: { readonly [attribute: string]: string } = { 'text-anchor': 'middle' };

function rootAttributes(attributes: string, label: string): string {
  const size = ['width', 'height'].map((name) => {
    const [, points] = new RegExp(`\\b${name}="(\\d+(?:\\.\\d+)?)pt"`).exec(attributes) ?? [];
    invariant(points !== undefined, `Graphviz draws without a ${name}`);
    return ` ${name}="${points}"`;
  });
  return ` role="img" aria-label="${escapeText(label)}"${size.join('')}`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
