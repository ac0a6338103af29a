// SARIF 2.1.0 (OASIS, 2020): what code hosts and editors show beside files.
import type { Finding, Place } from '../../core/analyze/lint/finding.ts';
import type { LintRule } from '../../core/analyze/lint/lint-rule.ts';
import type { Diagnostic, Severity } from '../../core/diag/diagnostic.ts';

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

const LEVEL: { readonly [S in Severity]: 'error' | 'warning' | 'note' } = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

export function printLintSarif(findings: readonly Finding[], rules: readonly LintRule[], version: string): string {
  const indexes = new Map(rules.map(({ code }, i) => [code, i]));
  return printLog({
    tool: toolData(rules, version),
    results: findings.map((finding) => resultData(finding, indexes.get(finding.code) ?? -1)),
  });
}

/** Nothing could be looked at: a run that failed (3.20), which is another thing than one that found nothing. */
export function printUnreadSarif(
  diagnostics: readonly Diagnostic[],
  rules: readonly LintRule[],
  version: string,
): string {
  const notifications = diagnostics.map(({ severity, code, message, hint, location }) => ({
    descriptor: { id: code },
    level: LEVEL[severity],
    message: { text: hint === undefined ? message : `${message} (${hint})` },
    ...(location?.file === undefined
      ? {}
      : { locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(location.file) } } }] }),
  }));
  return printLog({
    tool: toolData(rules, version),
    invocations: [{ executionSuccessful: false, toolExecutionNotifications: notifications }],
    results: [],
  });
}

function printLog(run: Json): string {
  const log: Json = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function toolData(rules: readonly LintRule[], version: string): Json {
  return { driver: { name: 'chainsmith', version, rules: rules.map(ruleData) } };
}

function ruleData({ code, severity, title, holds, why, issues, fix }: LintRule): Json {
  const seen = issues.length === 0 ? '' : `\n\nSeen in: ${issues.join(', ')}`;
  return {
    id: code,
    shortDescription: { text: title },
    fullDescription: { text: `${holds} ${why}` },
    help: { text: `${fix}${seen}` },
    defaultConfiguration: { level: LEVEL[severity] },
  };
}

function resultData(finding: Finding, ruleIndex: number): Json {
  const { code, severity, message, fix, place, related, service } = finding;
  return {
    ruleId: code,
    ruleIndex,
    level: LEVEL[severity],
    message: { text: `${message}. ${fix}` },
    ...(place === undefined ? {} : { locations: [locationData(place)] }),
    ...(related.length === 0 ? {} : { relatedLocations: related.map((one, id) => ({ id, ...locationData(one) })) }),
    ...(service === undefined ? {} : { properties: { service } }),
  };
}

function locationData({ file, table, chain, line, text }: Place): { readonly [key: string]: Json } {
  const region = {
    ...(line === undefined ? {} : { startLine: line }),
    ...(text === undefined ? {} : { snippet: { text } }),
  };
  const logical = [table, chain].filter((part) => part !== undefined).join('/');
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file) },
      ...(line === undefined ? {} : { region }),
    },
    ...(logical === '' ? {} : { logicalLocations: [{ fullyQualifiedName: logical }] }),
  };
}

/** A URI reference: relative to where the command ran, as code hosts want it, unless the path is absolute. */
function uriOf(file: string): string {
  if (file === '<stdin>') return 'stdin';
  const path = file.split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${path}` : path;
}
