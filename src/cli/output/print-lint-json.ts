import type { Finding, Place } from '../../core/analyze/lint/finding.ts';
import type { Diagnostic, Severity } from '../../core/diag/diagnostic.ts';

/** What `lint -o json` prints. Scripts rely on it: fields are added, never renamed. */
interface LintData {
  readonly summary: { readonly [S in `${Severity}s`]: number };
  readonly findings: readonly FindingData[];
  /** Of reading the input. */
  readonly diagnostics: readonly Diagnostic[];
}

interface FindingData {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly service?: string;
  readonly place?: PlaceData;
  readonly related: readonly PlaceData[];
  readonly fix: string;
}

interface PlaceData {
  readonly file: string;
  readonly family: string;
  readonly table?: string;
  readonly chain?: string;
  readonly line?: number;
  readonly rule?: string;
}

export interface LintJsonView {
  readonly findings: readonly Finding[];
  readonly diagnostics: readonly Diagnostic[];
}

export function printLintJson({ findings, diagnostics }: LintJsonView): string {
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const data: LintData = {
    summary: { errors: count('error'), warnings: count('warning'), infos: count('info') },
    findings: findings.map(findingData),
    diagnostics,
  };
  return `${JSON.stringify(data, undefined, 2)}\n`;
}

function findingData({ code, severity, message, service, place, related, fix }: Finding): FindingData {
  return {
    code,
    severity,
    message,
    ...(service === undefined ? {} : { service }),
    ...(place === undefined ? {} : { place: placeData(place) }),
    related: related.map(placeData),
    fix,
  };
}

function placeData({ file, family, table, chain, line, text }: Place): PlaceData {
  return {
    file,
    family,
    ...(table === undefined ? {} : { table }),
    ...(chain === undefined ? {} : { chain }),
    ...(line === undefined ? {} : { line }),
    ...(text === undefined ? {} : { rule: text }),
  };
}
