import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { compile, type CompileOptions } from '../../src/core/compile/compile.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { hasErrors } from '../../src/core/diag/diagnostic.ts';
import { chainShapes } from '../../src/core/render/chain-shapes.ts';
import { compileTemplates } from '../../src/core/render/compile-template.ts';
import { serviceDocument, sliceDocument } from '../support/builders.ts';
import { CLUSTER_CIDR } from '../support/compiled.ts';
import { holds } from '../support/law.ts';

const TEMPLATES = join(import.meta.dirname, '../../../templates');
const IPVS = 'iptables-ipvs/';
const NAMES = Object.keys(chainShapes);

const FRAGMENTS: readonly string[] = [
  '\n|\r\n|\r|\v|\t|\0| |"|\\|#|!|-|--|=|{{|}}|{{/if}}|{{else}}|-A|-A INPUT| -F INPUT| -t filter| --table=nat| -M /tmp/x',
  ` --modprobe=/tmp/x| --mod /tmp/x| -j ACCEPT| -j NOSUCH| -g KUBE-SERVICES| -jDROP| --jump RETURN| -j KUBE-SERVICES|'`,
  ' -m comment| --comment "-F"| --comment -F|\nCOMMIT\n|\n*filter\n|\n:INPUT DROP [0:0]\n|\n# -A INPUT\n| -vF| -h|-X|-Z',
  '-I X|-D X 1|-R X 1|-P INPUT DROP|-N X|-E a b|--append INPUT|--flush| --set -F| --set-xmark -F| --name -i -F',
  ' '.repeat(10_240),
].flatMap((line) => line.split('|'));

const edit = fc.record({
  at: fc.nat(2000),
  cut: fc.oneof(fc.constant(0), fc.nat(8)),
  by: fc.constantFrom(...FRAGMENTS),
});

function edited(text: string, edits: readonly { at: number; cut: number; by: string }[]): string {
  return edits.reduce((t, { at, cut, by }) => {
    const place = at % (t.length + 1);
    return t.slice(0, place) + by + t.slice(place + cut);
  }, text);
}

/** What getopt could take for a command, a table or a program, wherever it stands; values in quotes are cut out before. */
const ALIEN = / (?:-[ADCRILSFZNXEPtMcvnxwWhV]\S*|--(?:append|flush|table|modprobe|mod)(?:[ =]|$))/;

/** Written apart from the compiler's own check, and coarser. */
function assertOneRule(line: string, chain: string): void {
  assert.ok(line.startsWith(`-A ${chain}`), line);
  const bare = line.slice(2).replaceAll(/"(?:\\.|[^"\\])*"/g, 'quoted');
  assert.doesNotMatch(bare, /["\r\v\0]/);
  assert.doesNotMatch(bare.replaceAll(/ (?:--comment[ =]|-[io] )-\S+/g, ''), ALIEN);
  assert.ok((bare.match(/ (?:-j|-g|--jump|--goto)[ =]/g) ?? []).length <= 1, line);
  assert.ok(line.length < 10_240);
}

const documents = [
  serviceDocument({ type: 'NodePort', sessionAffinity: 'ClientIP', externalTrafficPolicy: 'Local' }),
  sliceDocument(),
];

function builtIn(name: string): string {
  const folder = name.startsWith(IPVS) ? TEMPLATES : join(TEMPLATES, 'iptables');
  return readFileSync(join(folder, `${name}.hbs`), 'utf8');
}

function optionsFor(name: string): CompileOptions {
  const config = name.startsWith(IPVS) ? { ...CLUSTER_CIDR, mode: 'ipvs' } : CLUSTER_CIDR;
  return { node: 'node-a', nodeIps: ['192.168.0.10', '2001:db8::10'], config };
}

function render(name: string, text: string): ReturnType<typeof compile> | undefined {
  const { templates, diagnostics } = compileTemplates(new Map([[`${name}.hbs`, { text, file: name }]]));
  if (hasErrors(diagnostics)) return undefined;
  return compile(documents, { ...optionsFor(name), templates });
}

describe('a template of the user', () => {
  it('prints only single rules of its chain, or nothing is printed and it is said why', () => {
    const law = fc.property(
      fc.constantFrom(...NAMES),
      fc.array(edit, { minLength: 1, maxLength: 4 }),
      (name, edits) => {
        const result = render(name, edited(builtIn(name), edits));
        if (result === undefined) return;
        assert.equal(
          result.rules.length === 0,
          result.diagnostics.some((d) => d.code === 'template-bad-rule'),
        );
        for (const { name: chain, rules } of result.rules.flatMap((r) => r.chains)) {
          assert.ok(rules === '' || rules.endsWith('\n'));
          const lines = rules.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
          for (const line of lines) assertOneRule(line, chain);
        }
      },
    );
    holds(law, { runs: 1500 });
  });

  it('may be a copy of the built-in one', () => {
    for (const name of NAMES) {
      const result = render(name, builtIn(name));
      const [own, usual] = [result, compile(documents, optionsFor(name))].map((r) =>
        r?.rules.map((rules) => printRules(rules)),
      );
      assert.deepEqual(own, usual, name);
    }
  });
});
