import type { Place } from '../../core/analyze/lint/finding.ts';
import { lintRules } from '../../core/analyze/lint/lint-rules.ts';
import type { Report, ReportedFinding } from '../../core/analyze/report/report.ts';
import type { ReportView } from '../../core/render/report-shapes.ts';
import { nameOfSource } from './html-sources.ts';
import { serviceId } from './html-services.ts';
import { capital } from './html-words.ts';
import { extent, findingsSummary, placeText } from './print-lint.ts';

type FindingsView = ReportView<'findings'>;
type GroupView = FindingsView['groups'][number];
type ItemView = GroupView['items'][number];

interface Context {
  /** Of service ports. */
  readonly names: readonly string[];
  readonly isOneFile: boolean;
}

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
  const context = {
    names: services.map(({ port, source }) => {
      const of = nameOfSource(source, sources);
      return of === '' ? port.name : `${port.name} (${of})`;
    }),
    isOneFile: new Set(sources.map(({ file }) => file)).size === 1,
  };
  return {
    summary: found.length === 0 ? `Nothing was found in ${all}.` : `${findingsSummary(found)} in ${all}.`,
    groups: [...groups.values()].flatMap((group) => groupView(group, context)),
  };
}

function groupView(group: readonly ReportedFinding[], context: Context): readonly GroupView[] {
  const [first] = group;
  if (first === undefined) return [];
  const { severity, code, fix } = first.finding;
  const rest = group.length - MOST.findings;
  return [
    {
      severity,
      code,
      title: capital(lintRules.find((rule) => rule.code === code)?.title ?? code),
      count: group.length === 1 ? '' : String(group.length),
      fix,
      items: group.slice(0, MOST.findings).map((one) => itemView(one, context)),
      more: rest > 0 ? `and ${rest} more; chainsmith lint -v lists all` : '',
    },
  ];
}

function itemView({ finding, services }: ReportedFinding, { names, isOneFile }: Context): ItemView {
  const { message, place, related, service } = finding;
  const lines = [place, ...related].flatMap((one) =>
    one?.text === undefined ? [] : [{ line: String(one.line ?? ''), text: one.text }],
  );
  const rest = lines.length - MOST.lines;
  const about = services
    .slice(0, MOST.services)
    .map((index) => ({ target: serviceId(index), name: names[index] ?? '' }));
  return {
    place: place === undefined ? '' : `${isOneFile ? shortPlace(place) : placeText(place)}:`,
    message,
    services: about.length > 0 || service === undefined ? about : [{ target: '', name: service }],
    lines: lines.slice(0, MOST.lines),
    moreLines: rest > 0 ? `and ${rest} more line${rest === 1 ? '' : 's'}` : '',
  };
}

/** Where all is of one file: `line 12, filter KUBE-FIREWALL`. */
function shortPlace({ line, table, chain }: Place): string {
  const at = line === undefined ? [] : [`line ${line}`];
  const where = [table, chain].filter((part) => part !== undefined).join(' ');
  return [...at, ...(where === '' ? [] : [where])].join(', ') || 'the dump';
}
