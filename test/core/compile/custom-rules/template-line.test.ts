import { strict as assert } from 'node:assert';
import { templateLine } from '../../../../src/core/compile/custom-rules/template-line.ts';

const TEMPLATE = `{{!-- a --}}
{{#if masquerade}}
-A {{chain}}{{#if source}} ! -s {{source}}{{/if}} -j KUBE-MARK-MASQ
{{/if}}
-A {{chain}} -j ACCEPT
-A {{chain}} -j {{target}}
`;

describe('templateLine', () => {
  it('names the line that printed a rule', () => {
    assert.equal(templateLine('-A X -F\n-A X -j Y\n', '-A X -F'), 1);
    assert.equal(templateLine(TEMPLATE, '-A KUBE-SVC-A ! -s 10.0.0.0/8 -j RETURN'), 6);
  });

  it('names none where several could have', () => {
    assert.equal(templateLine(TEMPLATE, '-A KUBE-SVC-A -j ACCEPT'), undefined);
    assert.equal(templateLine(TEMPLATE, 'nothing'), undefined);
  });
});
