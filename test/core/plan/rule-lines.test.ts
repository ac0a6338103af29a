import assert from 'node:assert/strict';
import { commentOf, targetOf } from '../../../src/core/plan/rule-lines.ts';
import { serviceComment } from '../../../src/core/plan/service-comment.ts';

describe('targetOf', () => {
  const cases: Readonly<Record<string, string | undefined>> = {
    '-A X -j ACCEPT': 'ACCEPT',
    '-A X -g CHAIN': 'CHAIN',
    '-A X -m comment --comment "a -j B c" -j DROP': 'DROP',
    '-A X -m comment --comment "a \\" -j B" -j DROP': 'DROP',
    '-A X -m comment --comment -j -j DROP': 'DROP',
    '-A X -j LOG --log-prefix "-j B "': 'LOG',
    '-A X -j LOG --log-prefix -j --log-level 7': 'LOG',
    '-A X -m comment --comment "only a comment"': undefined,
    '-A X': undefined,
  };
  for (const [line, target] of Object.entries(cases)) it(line, () => assert.equal(targetOf(line), target));
});

describe('serviceComment', () => {
  const cases: Readonly<Record<string, readonly [service: string, what: string] | undefined>> = {
    'default/web:http cluster IP': ['default/web:http', 'cluster IP'],
    'default/web': ['default/web', ''],
    'default/web: has no endpoints': ['default/web', 'has no endpoints'],
    'default/web:http -> 10.0.0.1:80': ['default/web:http', '-> 10.0.0.1:80'],
    'masquerade LOCAL traffic for default/web:http external destinations': ['default/web:http', ''],
    'other traffic to default/web:http will be dropped by KUBE-PROXY-FIREWALL': ['default/web:http', ''],
    'Balancing rule 0 for default/web:http': ['default/web:http', ''],
    'kubernetes service portals': undefined,
    'default/web:http is mine': undefined,
    '\u001b[31mdefault/web': undefined,
  };
  for (const [comment, found] of Object.entries(cases)) {
    it(JSON.stringify(comment), () => {
      const line = `-A X -m comment --comment "${comment}" -j Y`;
      assert.equal(commentOf(line), comment);
      assert.deepEqual(serviceComment(line), found === undefined ? undefined : { service: found[0], what: found[1] });
    });
  }

  it('reads a comment without quotes, as older versions print a plain word', () => {
    assert.equal(commentOf('-A X -m comment --comment default/web -j Y'), 'default/web');
    assert.equal(commentOf('-A X -m comment --comment end'), 'end');
    assert.equal(commentOf('-A X -m comment --comment "open'), undefined);
  });
});
