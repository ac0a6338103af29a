import type { DecodedNode } from '../../core/analyze/decode/decoded-rules.ts';
import type { ReportSource } from '../../core/analyze/report/report.ts';
import type { DumpHeader } from '../../core/ruleset/ruleset.ts';
import type { ReportView } from '../../core/render/report-shapes.ts';
import { hex } from '../../core/ruleset/print-values.ts';
import { familyName } from './plan-counts.ts';
import { lineRanges } from './print-decode-wide.ts';

type SourceView = ReportView<'page'>['sources'][number];
type Fact = SourceView['facts'][number];

/** Who wrote the rules of a dump, and what holds for all of its Services. */
export function sourceView({ file, ruleset, rules }: ReportSource): SourceView {
  const { writer, programs, node, family } = rules;
  const evidence = writer.evidence.map(({ text, line }) => `${text}, line ${line}`);
  const others = programs.map(({ name, line }) => `${name} (line ${line})`);
  return {
    name: `${familyName(family)} (${file})`,
    writer: writer.text,
    facts: [
      ...fact('Written by', headerText(ruleset.header)),
      ...fact('Told by', evidence.join('; ')),
      ...(writer.mode === 'ipvs' && rules.ipvsMissing !== undefined
        ? fact('Services', 'in the kernel: ipvsadm -Sn and ipset save show them')
        : []),
      ...(writer.mode === undefined
        ? fact('nftables mode', 'its rules are shown by nft list table ip kube-proxy')
        : []),
      ...fact('Other programs', others.join(', ')),
      ...nodeFacts(node),
    ],
  };
}

/** Which of several sources something is of; "" if there is but one. */
export function nameOfSource(source: ReportSource, sources: readonly ReportSource[]): string {
  if (sources.length < 2) return '';
  const files = new Set(sources.map(({ file }) => file));
  const family = familyName(source.rules.family);
  const isUnique = sources.filter((other) => other.rules.family === source.rules.family).length === 1;
  return files.size === 1 || isUnique ? family : `${family}, ${source.file}`;
}

function fact(label: string, value: string): readonly Fact[] {
  return value === '' ? [] : [{ label, value }];
}

/** `iptables-save 1.8.9 (nft), Tue Nov 21 09:00:00 2023` */
function headerText(header: DumpHeader | undefined): string {
  if (header === undefined) return '';
  const { tool, version = '', variant, time } = header;
  const program = `${tool} ${version}`.trimEnd();
  return `${program}${variant === undefined ? '' : ` (${variant})`}${time === undefined ? '' : `, ${time}`}`;
}

function nodeFacts({ localDetectors, masquerade, nodePorts, entries }: DecodedNode): readonly Fact[] {
  const mark = masquerade === undefined ? '' : hex(masquerade.value);
  const ports = nodePorts?.addresses.join(', ');
  return [
    ...(entries?.length === 0 ? fact('No way in', 'nothing leads from PREROUTING or OUTPUT to KUBE-SERVICES') : []),
    ...fact('Pods of the node', localDetectors.join(', ')),
    ...(masquerade === undefined
      ? []
      : fact(
          'Masquerading',
          `mark ${mark}${masquerade.randomFully ? ', random ports' : ''} (${lineRanges(masquerade.lines)})`,
        )),
    ...(nodePorts === undefined
      ? []
      : fact(
          'Node ports',
          `${ports === undefined || ports === '' ? 'at all addresses of the node' : `at ${ports}`}${nodePorts.loopback ? '' : ', not at loopback addresses'} (${lineRanges(nodePorts.lines)})`,
        )),
  ];
}
