import assert from 'node:assert/strict';
import { runCli } from './run-cli.ts';

describe('chainsmith cleanup', () => {
  it('refuses what does not add up, before it looks at anything', () => {
    const refusals: readonly (readonly [readonly string[], RegExp])[] = [
      [['-o', 'json'], /^error: -o json cannot ask\nGive --yes or --dry-run too\n$/],
      [['--yes', '--dry-run'], /^error: option '--dry-run' cannot be used with option '--yes'/],
      [['everything'], /^error: unexpected argument "everything"/],
      [
        ['--variant', 'auto'],
        /^error: option '--variant <variant>' argument 'auto' is invalid\. Allowed choices are nft, legacy/,
      ],
      [['--lock-timeout', '-1'], /seconds/],
      [['--command-timeout', '0'], /a whole number of seconds, 1 or more/],
      [['--netns', 'no-such-namespace'], /^error: there is no network namespace no-such-namespace /],
    ];
    for (const [args, message] of refusals) {
      const { status, out, err } = runCli(['cleanup', ...args]);
      assert.deepEqual([status, out], [1, ''], args.join(' '));
      assert.match(err, message);
    }
  });

  it('says in its help what it removes and what its status means', () => {
    const { out } = runCli(['cleanup', '--help']);
    assert.match(out, /^Examples:$/m);
    assert.match(out, /with --dry-run 2 if there is something to remove/);
    assert.match(out, /--all +the kubelet's chains too/);
  });
});
