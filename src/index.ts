/**
 * chainsmith's library: the pure compiler and the reader of iptables-save dumps, without files, processes or a command line. The
 * compiler reads what a YAML or JSON reader made of manifests and gives the rules as values. The same input gives the same output. Works
 * in Node and, bundled, wherever node:crypto's hash exists. `chainsmith/templates` compiles a user's own templates, and is apart because
 * it loads Handlebars' compiler.
 */
export { decode } from './core/analyze/decode/decode.ts';
export type { DecodeOptions } from './core/analyze/decode/decode.ts';
export type {
  DecodedEndpoint,
  DecodedFrontend,
  DecodedMasquerade,
  DecodedNode,
  DecodedRules,
  DecodedServicePort,
  DecodedWriter,
  EndpointChoice,
  FrontendKind,
  FrontendRoute,
  NotDecodedRule,
  TrafficPolicy,
} from './core/analyze/decode/decoded-rules.ts';
export { exactShare } from './core/analyze/decode/share.ts';
export type { Share } from './core/analyze/decode/share.ts';
export { compile } from './core/compile/compile.ts';
export type { CompileOptions, CompileResult } from './core/compile/compile.ts';
export { printRules } from './core/compile/print-rules.ts';
export type { PrintOptions } from './core/compile/print-rules.ts';
export type { CompiledChain, CompiledRules, TableName } from './core/ruleset/compiled-rules.ts';
export { codes } from './core/diag/codes.ts';
export type { DiagnosticCode } from './core/diag/codes.ts';
export type { CodeInfo } from './core/diag/code-info.ts';
export { hasErrors, printSubject } from './core/diag/diagnostic.ts';
export type { Diagnostic, Severity, Subject } from './core/diag/diagnostic.ts';
export { printLocation } from './core/diag/source-location.ts';
export type { DocumentLocation, FieldPath, SourceLocation } from './core/diag/source-location.ts';
export type { IpFamily } from './core/model/ip.ts';
export { canonicalRule } from './core/parse/iptables-save/canonical-rule.ts';
export { parseIptablesSave } from './core/parse/iptables-save/parse-iptables-save.ts';
export type { ParsedDump, ParseOptions } from './core/parse/iptables-save/parse-iptables-save.ts';
export { parseRule } from './core/parse/iptables-save/parse-rule.ts';
export type { ParsedRule } from './core/parse/iptables-save/parse-rule.ts';
export type { RuleProblem } from './core/parse/iptables-save/rule-problem.ts';
export type { TemplateSet } from './core/render/template-set.ts';
export type { Match } from './core/ruleset/match.ts';
export { printCanonicalDump, printDump } from './core/ruleset/print-dump.ts';
export { printRule } from './core/ruleset/print-rule.ts';
export type { Rule } from './core/ruleset/rule.ts';
export type {
  DumpHeader,
  RuleCounters,
  Ruleset,
  RulesetChain,
  RulesetRule,
  RulesetTable,
} from './core/ruleset/ruleset.ts';
export type { Target } from './core/ruleset/target.ts';
