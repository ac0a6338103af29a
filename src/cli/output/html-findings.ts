import { lintRules } from '../../core/analyze/lint/lint-rules.ts';
import type { Report, ReportedFinding } from '../../core/analyze/report/report.ts';
import type { ReportView } from '../../core/render/report-shapes.ts';
import { serviceId } from './html-services.ts';
import { extent, findingsSummary, placeText } from './print-lint.ts';

type FindingsView = ReportView<'findings'>;
type GroupView = FindingsView['groups'][number];
type ItemView = GroupView['items'][number];

/** Findings of one rule, and lines of one finding, that are shown. */
const MOST = { findings: 50, lines: 6, services: 12 } as const;

export function findingsView({ findings, sources, services }: Report): FindingsView {
  const found = findings.map(({ finding }) => finding);
  const all = extent(sources.map(({ file, ruleset }) => ({ file, ruleset, diagnostics: [] })));
  const groups = new Map<string, ReportedFinding[]>();
  for (const one of findings) {
    const key = JSON.stringify([one.finding.code, one.finding.fix]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  const names = services.map(({ port }) => port.name);
  return {
    summary: found.length === 0 ? `Nothing was found in ${all}.` : `${findingsSummary(found)} in ${all}.`,
    groups: [...groups.values()].flatMap((group) => groupView(group, names)),
  };
}

function groupView(group: readonly ReportedFinding[], names: readonly string[]): readonly GroupView[] {
  const [first] = group;
  if (first === undefined) return [];
  const { severity, code, fix } = first.finding;
  const rest = group.length - MOST.findings;
  return [
    {
      severity,
      code,
      title: lintRules.find((rule) => rule.code === code)?.title ?? code,
      count: group.length === 1 ? '' : String(group.length),
      fix,
      items: group.slice(0, MOST.findings).map((one) => itemView(one, names)),
      more: rest > 0 ? `and ${rest} more; chainsmith lint -v lists all` : '',
    },
  ];
}

function itemView({ finding, services }: ReportedFinding, names: readonly string[]): ItemView {
  const { message, place, related, service } = finding;
  const lines = [place, ...related].flatMap((one) =>
    one?.text === undefined ? [] : [{ line: String(one.line ?? ''), text: one.text }],
  );
  const rest = lines.length - MOST.lines;
  const about = services
    .slice(0, MOST.services)
    .map((index) => ({ target: serviceId(index), name: names[index] ?? '' }));
  return {
    place: place === undefined ? '' : `${placeText(place)}:`,
    message,
    services: about.length > 0 || service === undefined ? about : [{ target: '', name: service }],
    lines: lines.slice(0, MOST.lines),
    moreLines: rest > 0 ? `and ${rest} more line${rest === 1 ? '' : 's'}` : '',
  };
}
