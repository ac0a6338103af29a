/**
 * Reads compiled rules back from their text, as strictly as can be: laws look at what a node would load, never at what the compiler
 * says of itself.
 */
import assert from 'node:assert/strict';

export interface TextChain {
  readonly table: string;
  readonly name: string;
  readonly policy: string;
  readonly rules: readonly string[];
}

/** Every chain in the order of its declaration. Throws where a line is not in the block of its chain. */
export function readRules(text: string): readonly TextChain[] {
  assert.ok(text.endsWith('COMMIT\n'));
  return text
    .split('COMMIT\n')
    .slice(0, -1)
    .flatMap((block) => readTable(block.split('\n').slice(0, -1)));
}

function readTable(lines: readonly string[]): readonly TextChain[] {
  const table = /^\*(mangle|filter|nat)$/.exec(lines[0] ?? '')?.[1];
  assert.ok(table !== undefined, `a table begins with its name: ${lines[0] ?? ''}`);
  const chains: { table: string; name: string; policy: string; rules: string[] }[] = [];
  let block = -1;
  for (const line of lines.slice(1)) {
    const declared = /^:(\S+) (ACCEPT|-) \[0:0\]$/.exec(line);
    if (declared !== null) {
      assert.equal(block, -1, `all chains are declared before the first rule: ${line}`);
      chains.push({ table, name: declared[1] ?? '', policy: declared[2] ?? '', rules: [] });
      continue;
    }
    const name = /^-A (\S+) /.exec(line)?.[1];
    const index = chains.findIndex((c) => c.name === name);
    assert.ok(index >= Math.max(block, 0), `in the block of its own chain, in the order of the declarations: ${line}`);
    block = index;
    chains[index]?.rules.push(line);
  }
  return chains;
}

/** Where a rule sends packets: a chain, or a target such as DROP; undefined for a rule that only counts. */
export function targetOf(rule: string): string | undefined {
  return / -j (\S+)/.exec(rule)?.[1];
}
