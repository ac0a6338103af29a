import { printDot } from '../../core/analyze/report/dot.ts';
import type { ServiceGraph } from '../../core/analyze/report/graph.ts';
import { tidySvg } from '../../core/analyze/report/tidy-svg.ts';

/** Draws a graph as an SVG element for a page; the label is for those who cannot see it. */
export type DrawGraph = (graph: ServiceGraph, label: string) => string;

/** Loads Graphviz, which takes a tenth of a second; a drawing of a Service takes some milliseconds. Its results depend on the graph alone. */
export async function loadDrawing(): Promise<DrawGraph> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const graphviz = await Graphviz.load();
  return (graph, label) => tidySvg(graphviz.layout(printDot(graph), 'svg', 'dot'), label);
}
