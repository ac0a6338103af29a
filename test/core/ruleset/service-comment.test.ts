import assert from 'node:assert/strict';
import { readServiceComment } from '../../../src/core/ruleset/service-comment.ts';

describe('the service port that a comment names', () => {
  const cases: Readonly<Record<string, readonly [service: string, what: string] | undefined>> = {
    'default/web:http cluster IP': ['default/web:http', 'cluster IP'],
    'default/web: loadbalancer health check': ['default/web', 'loadbalancer health check'],
    'default/web:http traffic not accepted by KUBE-FW-ABCDEFGH': [
      'default/web:http',
      'traffic not accepted by KUBE-FW-ABCDEFGH',
    ],
    'pod traffic for default/web:http external destinations': ['default/web:http', ''],
    'Balancing rule 3 for default/web': ['default/web', ''],
    'Redirect pods trying to reach external loadbalancer VIP to clusterIP of default/web:http': [
      'default/web:http',
      '',
    ],
    'Redirect pods trying to reach something else of default/web': undefined,
    'default/web:http is mine': undefined,
  };
  for (const [comment, found] of Object.entries(cases)) {
    it(comment, () => {
      const expected = found === undefined ? undefined : { service: found[0], what: found[1] };
      assert.deepEqual(readServiceComment(comment), expected);
    });
  }
});
