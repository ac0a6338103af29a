/**
 * Runs one law (a fast-check property). A failure prints the seed, the path and the shrunk counterexample; to see it again:
 *
 *     FC_SEED=-123456 FC_PATH=12:3:0 node_modules/.bin/mocha dist/test/properties/FILE.test.js -g 'TITLE'
 *
 * FC_RUNS=1000 tries more cases than a law's own number (give mocha --timeout 0 then).
 */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';

export interface LawOptions<T> {
  /** Cases to try; enough to meet every feature, few enough that all laws together take about half a minute. */
  readonly runs: number;
  /** Past counterexamples: tried first, every time. */
  readonly examples?: T[];
}

/** Milliseconds after which a law is given up: a counterexample is then printed as far as it was shrunk, and without one the law fails. */
const LIMIT = 240_000;

const number = (name: string): number | undefined => {
  const text = process.env[name];
  return text === undefined || text === '' ? undefined : Number(text);
};

/** Throws if the property does not hold. */
export function holds<T>(property: fc.IProperty<T>, options: LawOptions<T>): void {
  fc.assert(property, parametersOf(options));
}

/** The same for a property that waits. */
export async function holdsAsync<T>(property: fc.IAsyncProperty<T>, options: LawOptions<T>): Promise<void> {
  await fc.assert(property, parametersOf(options));
}

/**
 * Fails where a law met too few of what it is about. A path or a number of cases from outside says itself how much is met.
 */
export function metAtLeast(least: number, met: number, what: string): void {
  if (process.env['FC_PATH'] !== undefined || process.env['FC_RUNS'] !== undefined) return;
  assert.ok(met >= least, `the law met only ${met} ${what}`);
}

function parametersOf<T>({ runs, examples = [] }: LawOptions<T>): fc.Parameters<T> {
  const seed = number('FC_SEED');
  const path = process.env['FC_PATH'];
  return {
    numRuns: number('FC_RUNS') ?? runs,
    examples,
    ...(number('FC_RUNS') === undefined ? { interruptAfterTimeLimit: LIMIT, markInterruptAsFailure: true } : {}),
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined || path === '' ? {} : { path }),
  };
}
