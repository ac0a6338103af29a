import { reportScript, reportSpecs, reportStyle } from './generated/report.ts';
import { precompiledTemplate } from './precompiled-template.ts';
import type { ReportPart, ReportView } from './report-shapes.ts';

/** A part of the report as HTML. All texts of the view are escaped; fields of the kind markup are put in as they are. */
export function renderReport<P extends ReportPart>(part: P, view: ReportView<P>): string {
  return precompiledTemplate(reportSpecs[part], part)(view);
}

/** A text that stands in the page, and its hash in the form of Content-Security-Policy. */
interface Inlined {
  readonly text: string;
  readonly hash: string;
}

export const pageStyle: Inlined = reportStyle;
export const pageScript: Inlined = reportScript;
