// Mocha's own spec reporter, which also leaves the counts where scripts/test adds them up (CHAINSMITH_TEST_COUNTS: a file).
const { appendFileSync } = require('node:fs');
const Mocha = require('mocha');

module.exports = class extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      const file = process.env.CHAINSMITH_TEST_COUNTS;
      if (file) appendFileSync(file, `${passes} ${failures} ${pending}\n`);
    });
  }
};
