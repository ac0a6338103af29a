/**
 * A reader of XML for tests of what we write: strict where XML 1.0 is (one root, tags that close in order, quoted attributes that occur
 * once, the five entities and character references, no character that XML forbids), and without what we never write (DTDs, CDATA,
 * comments, namespaces). Whatever else is there is an error.
 */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text directly inside. */
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

export function parseXml(text: string): XmlElement {
  if (FORBIDDEN.test(text)) throw new Error('a character that XML forbids');
  const body = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  if (body === text) throw new Error('no XML declaration');
  const root: Open = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  for (const [part] of body.matchAll(/<[^>]*>|[^<]+|</gu)) {
    const at = open.at(-1);
    if (at === undefined) throw new Error(`behind the end: ${part}`);
    if (!part.startsWith('<')) at.text += unescaped(part);
    else if (part.startsWith('</')) close(open, part);
    else start(open, part);
  }
  const [only, second] = root.children;
  if (open.length !== 1) throw new Error(`<${open.at(-1)?.name ?? ''}> is not closed`);
  if (only === undefined || second !== undefined || root.text.trim() !== '') throw new Error('not one root');
  return only;
}

function start(open: Open[], tag: string): void {
  const [, name = '', rest = '', end = ''] = /^<([A-Za-z]\w*)((?:\s+[A-Za-z]\w*="[^"<]*")*)\s*(\/?)>$/u.exec(tag) ?? [];
  if (name === '') throw new Error(`no tag: ${tag}`);
  const attributes: Record<string, string> = {};
  for (const [, key = '', value = ''] of rest.matchAll(/(\w+)="([^"]*)"/gu)) {
    if (key in attributes) throw new Error(`${key} twice: ${tag}`);
    attributes[key] = unescaped(value);
  }
  const element: Open = { name, attributes, children: [], text: '' };
  open.at(-1)?.children.push(element);
  if (end === '') open.push(element);
}

function close(open: Open[], tag: string): void {
  const element = open.pop();
  if (open.length === 0 || tag !== `</${element?.name ?? ''}>`)
    throw new Error(`${tag} closes <${element?.name ?? ''}>`);
}

function unescaped(text: string): string {
  if (/[<>]/u.test(text)) throw new Error(`not escaped: ${text}`);
  return text.replaceAll(/&(?:#(\d+)|(\w+))?;?/gu, (found, number: string | undefined, name: string | undefined) => {
    const sign = number === undefined ? ENTITIES[name ?? ''] : String.fromCodePoint(Number(number));
    if (sign === undefined || !found.endsWith(';')) throw new Error(`no entity: ${found}`);
    return sign;
  });
}
