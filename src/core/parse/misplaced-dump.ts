import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import { excerptOfLine } from '../diag/source-location.ts';
import { foreignFormat } from './iptables-save/wrong-format.ts';

/** A command whose output is asked for, as its manual spells it. */
export type DumpCommand = 'ipvsadm -Sn' | 'ipset save';

/** Lines of its output, or of its listing. */
const OWN: { readonly [C in DumpCommand]: RegExp } = {
  'ipvsadm -Sn':
    /^(?:-[Aa] -|--(?:add-service|add-server|set) |(?:TCP|UDP|SCTP|FWM) +\S|IP Virtual Server |Prot LocalAddress|-> )/,
  'ipset save': /^(?:(?:create|add) \S|(?:Name|Type|Members):)/,
};

const OPTION: { readonly [C in DumpCommand]: string } = { 'ipvsadm -Sn': '--ipvs', 'ipset save': '--ipset' };

/** Any line that a manifest may begin with. */
const YAML = /^(?:---|apiVersion:|kind:)/;

const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^[[{]/, 'JSON'],
  [/^(?:\*[a-z]+$|:\S+ \S+ \[|-[AN] [A-Za-z])/, 'a dump of iptables-save'],
  [/^\d+: \S+: </, 'what ip address prints'],
];

/**
 * What a text is that was given for the output of a command and has no line of it; undefined for one that has some, or nothing at all. Said
 * once, as each of its lines would be wrong for the same reason.
 */
export function misplacedDump(text: string, wanted: DumpCommand, file: string): Diagnostic | undefined {
  const lines = text.split('\n').map((line, i) => ({ content: line.trim(), line, number: i + 1 }));
  const said = lines.filter(({ content }) => content !== '' && !content.startsWith('#'));
  const [first] = said;
  if (first === undefined || said.some(({ content }) => OWN[wanted].test(content))) return undefined;
  const other = said.find(({ content }) => kindOf(content) !== undefined);
  const { content, line, number } = other ?? first;
  const kind = kindOf(content);
  const message =
    kind === undefined ? `it has no line that ${wanted} prints` : `this is ${kind}, not what ${wanted} prints`;
  return diagnose('dump-wrong-format', {
    message,
    location: { file, line: number, column: 1, excerpt: excerptOfLine(line, number, 1) },
    hint: `${OPTION[wanted]} takes what ${wanted} prints as root${elsewhere(content, wanted)}`,
  });
}

function kindOf(content: string): string | undefined {
  // Asked first, so that a manifest is called the same whichever of these lines it begins with; the reader of rules knows it by one of them alone.
  if (YAML.test(content)) return 'YAML';
  return foreignFormat(content)?.what ?? OTHERS.find(([pattern]) => pattern.test(content))?.[1];
}

/** Where it was meant to go, perhaps. */
function elsewhere(content: string, wanted: DumpCommand): string {
  const other: DumpCommand = wanted === 'ipset save' ? 'ipvsadm -Sn' : 'ipset save';
  return OWN[other].test(content) ? `; this may be for ${OPTION[other]}` : '';
}
