import assert from 'node:assert/strict';
import { printFailure } from '../../../src/cli/output/print-failure.ts';
import { HostError } from '../../../src/host/host-error.ts';

describe('printFailure', () => {
  it('prints what a host error says, line by line', () => {
    const error = new HostError('no', { details: ['line 7:\t-A INPUT', 'one\ntwo'], advice: 'do this' });
    assert.equal(printFailure(error, false), 'error: no\n  line 7: -A INPUT\n  one\ntwo\ndo this\n');
  });

  it('sends no control codes of other texts to the terminal', () => {
    const error = new HostError('said \u001b[2J', { details: ['-m comment --comment "\u001b]0;x\u0007\r"'] });
    assert.equal(
      printFailure(error, false),
      'error: said \ufffd[2J\n  -m comment --comment "\ufffd]0;x\ufffd\ufffd"\n',
    );
  });
});
