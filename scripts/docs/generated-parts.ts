// The parts of documents that are made of the source: the pages of diagnostic codes and of lint rules, and the tables of template views.
import { lintRules } from '../../src/core/analyze/lint/lint-rules.ts';
import { codes } from '../../src/core/diag/codes.ts';
import { chainShapes } from '../../src/core/render/chain-shapes.ts';
import { objectShapes } from '../../src/core/render/object-shapes.ts';
import type { Shape } from '../../src/core/render/shape.ts';
import { compareStrings } from '../../src/core/util/order.ts';

/** Each part by the name that its markers have: `<!-- generated: NAME -->` and `<!-- /generated -->`. */
const PARTS: { readonly [name: string]: () => string } = { codes: codesPart, lint: lintPart, views: viewsPart };

const PART = /(<!-- generated: ([a-z]+) -->\n)[^]*?(<!-- \/generated -->)/g;

export function refreshGeneratedParts(text: string): string {
  return text.replace(PART, (_, open: string, name: string, close: string) => {
    const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
    if (part === undefined) throw new Error(`nothing generates ${JSON.stringify(name)}`);
    return `${open}\n${part()}\n${close}`;
  });
}

function codesPart(): string {
  const sorted = Object.entries(codes).toSorted(([a], [b]) => compareStrings(a, b));
  const index = sorted.map(([code, { severity, title }]) => `| [${code}](#${code}) | ${severity} | ${title} |`);
  const sections = sorted.map(
    ([code, { severity, title, explanation }]) =>
      `### ${code}\n\n*${severity}*: ${title}.\n\n${literal(explanation)}\n`,
  );
  return ['| Code | Severity | Meaning |', '|---|---|---|', ...index, '', ...sections].join('\n');
}

function lintPart(): string {
  const index = lintRules.map(({ code, severity, title }) => `| [${code}](#${code}) | ${severity} | ${title} |`);
  const sections = lintRules.map((rule) => {
    const seen = rule.issues.length === 0 ? '' : `\nSeen in: ${rule.issues.join(', ')}.\n`;
    return [
      `### ${rule.code}\n\n*${rule.severity}*: ${rule.title}${LINT_NEEDS[rule.needs]}.\n`,
      `**Must hold.** ${literal(rule.holds)}\n`,
      `**Why.** ${literal(rule.why)}\n`,
      `**To do.** ${literal(rule.fix)}\n${seen}`,
    ].join('\n');
  });
  return ['| Rule | Severity | Meaning |', '|---|---|---|', ...index, '', ...sections].join('\n');
}

/** What a rule needs besides one dump. */
const LINT_NEEDS: { readonly [N in (typeof lintRules)[number]['needs']]: string } = {
  rules: '',
  'two-variants': ' (given dumps of both variants)',
  snapshot: ' (given a snapshot with `-f`)',
  conntrack: ' (given connections with `--conntrack`)',
  ipvs: ' (given virtual servers with `--ipvs`)',
  'ipvs-and-sets': ' (given virtual servers with `--ipvs` and sets with `--ipset`)',
};

/** Explanations are plain text: what looks like Markdown in them is meant as it stands. */
function literal(text: string): string {
  return text.replaceAll(/[<*[\]]/g, '\\$&');
}

/** Templates that have the same shape share one table. */
function viewsPart(): string {
  const byShape = new Map<Shape, string[]>();
  const shapes: readonly [string, Shape][] = Object.entries({ ...chainShapes, ...objectShapes });
  for (const [name, shape] of shapes) {
    byShape.set(shape, [...(byShape.get(shape) ?? []), name]);
  }
  return [...byShape]
    .map(([shape, names]) => {
      const title = `### ${names.join(', ')}\n`;
      if (Object.keys(shape).length === 0) return `${title}\nNo fields: the rules are always the same.\n`;
      return [title, '| Field | Kind | What it is |', '|---|---|---|', ...rowsOf(shape), ''].join('\n');
    })
    .join('\n');
}

function rowsOf(shape: Shape, inside = ''): readonly string[] {
  return Object.entries(shape).flatMap(([name, field]) => {
    const row = `| \`${inside}${name}\` | ${field.kind} | ${field.doc} |`;
    return field.kind === 'list' ? [row, ...rowsOf(field.of, `${inside}${name}[].`)] : [row];
  });
}
