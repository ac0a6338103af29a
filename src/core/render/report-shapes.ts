import type { Shape, ViewOf } from './shape.ts';
import { findingsShape } from './shapes/report-findings.ts';
import { pageShape } from './shapes/report-page.ts';
import { servicesShape } from './shapes/report-services.ts';
import { traceShape } from './shapes/report-trace.ts';

/** Every template under templates/report, with the shape of its view. */
export interface ReportShapes {
  readonly page: typeof pageShape;
  readonly findings: typeof findingsShape;
  readonly services: typeof servicesShape;
  readonly trace: typeof traceShape;
}

export type ReportPart = keyof ReportShapes;

export type ReportView<P extends ReportPart> = ViewOf<ReportShapes[P]>;

export const reportShapes: ReportShapes & { readonly [P in ReportPart]: Shape } = {
  page: pageShape,
  findings: findingsShape,
  services: servicesShape,
  trace: traceShape,
};
