/**
 * chainsmith's library: the pure compiler, without files, processes or a command line. It reads what a YAML or JSON reader made of
 * manifests and gives the rules as values; the same input gives the same output. Works in Node and, bundled, wherever node:crypto's
 * hash exists. `chainsmith/templates` compiles a user's own templates, and is apart because it loads Handlebars' compiler.
 */
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
export type { TemplateSet } from './core/render/template-set.ts';
