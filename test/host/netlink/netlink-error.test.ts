import assert from 'node:assert/strict';
import { errnoWords, NetlinkError } from '../../../src/host/netlink/netlink-error.ts';
import { HostError } from '../../../src/host/host-error.ts';

describe('errors of netlink', () => {
  const TABLE: readonly (readonly [errno: number, code: string, text: string])[] = [
    [1, 'EPERM', 'operation not permitted'],
    [2, 'ENOENT', 'no such file or directory'],
    [3, 'ESRCH', 'no such process'],
    [17, 'EEXIST', 'file already exists'],
    [95, 'EOPNOTSUPP', 'operation not supported'],
    [99, 'EADDRNOTAVAIL', 'address not available'],
    [62, 'ETIME', 'ETIME'],
    [3999, 'errno 3999', 'an error without a name'],
  ];
  for (const [errno, code, text] of TABLE) {
    it(`knows ${errno} as ${code}`, () => assert.deepEqual(errnoWords(errno), { code, text }));
  }

  it('say where in the request the fault is', () => {
    const refusal = { errno: 34, text: 'Bad label', offset: 32, missing: 7, request: undefined };
    const error = new NetlinkError({ operation: 'add 10.0.0.1/32 to eth0', errno: 34, refusal });
    assert.ok(error instanceof HostError);
    assert.match(
      error.message,
      /^add 10\.0\.0\.1\/32 to eth0: .* \(ERANGE\); the kernel says: Bad label \(at byte 32 of the request, attribute 7 is missing\)$/,
    );
    assert.deepEqual([error.offset, error.transient, error.advice], [32, false, undefined]);
  });
});
