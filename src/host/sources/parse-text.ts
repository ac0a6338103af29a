import { diagnose } from '../../core/diag/diagnostic.ts';
import { helmDiagnostic } from './helm-template.ts';
import { isComment, jsonFaultDiagnostic, parseJson } from './parse-json.ts';
import { parseYaml } from './parse-yaml.ts';
import { emptyParsedText, type ParsedText } from './parsed-text.ts';

/** The documents of one file, JSON or YAML by its first character: JSON.parse is ten times faster, and YAML contains JSON. */
export function parseText(text: string, file: string): ParsedText {
  const parsed = /^\s*[{[]/.test(text) ? parseJsonOrFlow(text, file) : parseYaml(text, file);
  if (parsed.documents.length > 0 || parsed.diagnostics.length > 0) return parsed;
  const hint = file === '<stdin>' ? 'did the command before the pipe fail?' : undefined;
  return { ...emptyParsedText(), diagnostics: [noObjects(file, text.trim() === '', hint)] };
}

function noObjects(file: string, isEmpty: boolean, hint: string | undefined): ReturnType<typeof diagnose> {
  const message = isEmpty ? 'the file is empty' : 'the file holds only comments';
  return diagnose('no-objects', { message, location: { file }, hint });
}

/** `{a: 1}` is YAML and no JSON. If it is neither, the JSON error is the one to report: nobody writes manifests in flow style. */
function parseJsonOrFlow(text: string, file: string): ParsedText {
  const { fault, ...json } = parseJson(text, file);
  if (fault === undefined) return json;
  const failed = (): ParsedText => ({ ...json, diagnostics: [jsonFaultDiagnostic(text, file, fault)] });
  // What is cut off is no YAML either, and a long file takes YAML long to refuse. A comment of // would become part of a YAML value.
  if (fault.truncated || isComment(text, fault.at)) return failed();
  const yaml = parseYaml(text, file);
  if (yaml.diagnostics.length === 0) return yaml;
  const helm = helmDiagnostic(text, file);
  if (helm !== undefined) return { ...yaml, diagnostics: [helm] };
  return yaml.documents.length > 0 ? yaml : failed();
}
