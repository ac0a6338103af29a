import type { Report } from '../../core/analyze/report/report.ts';
import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import { printLocation } from '../../core/diag/source-location.ts';
import type { ReportView } from '../../core/render/report-shapes.ts';
import { pageScript, pageStyle, renderReport } from '../../core/render/render-report.ts';
import type { DrawGraph } from './draw-graph.ts';
import { findingsView } from './html-findings.ts';
import { restOf } from './html-rest.ts';
import { servicesView } from './html-services.ts';
import { nameOfSource, sourceView } from './html-sources.ts';
import { countText } from './html-words.ts';
import { traceView } from './html-trace.ts';

export interface HtmlOptions {
  readonly draw: DrawGraph;
  /** The packet of the trace in words, where there is one. */
  readonly packet: string;
  /** Names for endpoints, `pod web-1` ..., by address. */
  readonly names: ReadonlyMap<string, string>;
  /** Of reading the input. */
  readonly diagnostics: readonly Diagnostic[];
  /** Of chainsmith. */
  readonly version: string;
}

/** The report as one HTML file that needs no other. The same report gives the same bytes. */
export function printHtml(report: Report, options: HtmlOptions): string {
  const { sources, services, findings, traced } = report;
  const rest = sources.flatMap((source) => restOf(source, nameOfSource(source, sources)));
  const html = renderReport('page', {
    title: `Services in ${[...new Set(sources.map(({ file }) => file))].join(' and ')}`,
    style: pageStyle.text,
    styleHash: pageStyle.hash,
    script: pageScript.text,
    scriptHash: pageScript.hash,
    sources: sources.map((source) => sourceView(source)),
    links: [
      ...(traced === undefined ? [] : [{ target: 'trace', text: 'One packet' }]),
      { target: 'findings', text: countText(findings.length, 'finding') },
      { target: 'services', text: countText(services.length, 'service port') },
      ...(rest.length === 0 ? [] : [{ target: 'rest', text: 'The rest' }]),
    ],
    problems: problemsOf(options.diagnostics),
    trace: traced === undefined ? '' : renderReport('trace', traceView(traced.trace, options)),
    findings: renderReport('findings', findingsView(report)),
    services: renderReport('services', servicesView(report, options.draw)),
    rest,
    made: `Made by chainsmith ${options.version} from what is named above; nothing else was asked.`,
  });
  // As for terminals: control codes of a dump do not get anywhere.
  return html.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd');
}

function problemsOf(diagnostics: readonly Diagnostic[]): ReportView<'page'>['problems'] {
  return diagnostics
    .filter(({ severity }) => severity !== 'info')
    .slice(0, MOST_PROBLEMS)
    .map(({ severity, message, location }) => ({
      severity,
      text: `${location === undefined ? '' : `${printLocation(location)}: `}${message}`,
    }));
}

/** Standard error has them all. */
const MOST_PROBLEMS = 50;
