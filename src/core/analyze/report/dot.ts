import type { GraphEdge, GraphNode, ServiceGraph } from './graph.ts';

/** More of a name is not needed to know it again. */
const LONGEST = 60;

/**
 * A graph in Graphviz' language (https://graphviz.org/doc/info/lang.html). Colours and line widths are left to the page's style sheet, by the
 * classes of the nodes. A font of one width everywhere makes the widths that Graphviz reckons with those of the browser.
 */
export function printDot({ nodes, edges }: ServiceGraph): string {
  return `digraph {
graph [rankdir=LR, nodesep=0.12, ranksep=0.45, margin=0, pad=0.05];
node [shape=box, fontname=Courier, fontsize=12, height=0.3, margin="0.12,0.06"];
edge [fontname=Courier, fontsize=12, arrowsize=0.6, tailport=e, headport=w];
${nodes.map(printNode).join('')}${sameRank(nodes)}${edges.map(printEdge).join('')}}
`;
}

/** All addresses stand below one another, though some lead to a chain that others get to by way of another. */
function sameRank(nodes: readonly GraphNode[]): string {
  const ids = nodes.filter(({ kind }) => kind === 'frontend').map(({ id }) => id);
  return ids.length < 2 ? '' : `{ rank=source; ${ids.join('; ')} }\n`;
}

function printNode({ id, kind, label }: GraphNode): string {
  return `${id} [class=${kind}, label=${quoted(label)}];\n`;
}

function printEdge({ from, to, label }: GraphEdge): string {
  return `${from} -> ${to}${label.length === 0 ? '' : ` [label=${quoted(label)}]`};\n`;
}

/** In labels, `\` begins an escape, and `&` an entity of HTML; control codes have no place in XML. */
function quoted(lines: readonly string[]): string {
  const text = lines.map((line) =>
    short(line)
      .replaceAll(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll(/["\\]/g, String.raw`\$&`),
  );
  return `"${text.join(String.raw`\n`)}"`;
}

function short(line: string): string {
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
