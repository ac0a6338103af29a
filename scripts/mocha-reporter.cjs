// Mocha's own spec reporter, which also leaves what scripts/test adds up and repeats: the counts in the file CHAINSMITH_TEST_COUNTS, and
// each failed test with the head of its error in CHAINSMITH_TEST_FAILURES.
const { appendFileSync } = require('node:fs');
const Mocha = require('mocha');

/** Of an error: its own words can be a counterexample of many pages. */
const HEAD = 1500;

module.exports = class extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.on('fail', (test, error) => {
      const file = process.env.CHAINSMITH_TEST_FAILURES;
      const text = String(error?.message ?? error).slice(0, HEAD);
      if (file) appendFileSync(file, `${test.fullTitle()}\n  ${text.replaceAll('\n', '\n  ')}\n`);
    });
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      const file = process.env.CHAINSMITH_TEST_COUNTS;
      if (file) appendFileSync(file, `${passes} ${failures} ${pending}\n`);
    });
  }
};
