import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Diagnostic } from '../../src/core/diag/diagnostic.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { compiled } from '../support/compiled.ts';
import { holds } from '../support/law.ts';
import {
  shuffler,
  withEndpointsShuffled,
  withKeysShuffled,
  withListsInBetween,
  withSlicesSplit,
} from '../support/rearrange.ts';

const seed = fc.integer();

/** What a report says, without the places in lists. */
function meaning(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map((d) => JSON.stringify({ ...d, message: d.message.replaceAll(/\[[0-9]+\]/g, '[]') })).sort();
}

/** What a report says of everything but slices, whose number may differ. */
function meaningBesidesSlices(diagnostics: readonly Diagnostic[]): readonly string[] {
  return meaning(diagnostics.filter((d) => d.subject?.kind !== 'EndpointSlice'));
}

describe('the order of the input', () => {
  it('of documents, of items in lists and of keys changes neither rules nor report, conflicts included', () => {
    const law = fc.property(
      snapshots({ conflicts: true }),
      proxyConfigs,
      seed,
      fc.tuple(fc.nat(40), fc.nat(40)),
      (objects, config, random, cuts) => {
        const shuffle = shuffler(random);
        const other = withListsInBetween(
          shuffle(objects).map((o) => withKeysShuffled(o, shuffle)),
          cuts,
        );
        assert.deepEqual(compiled(other, { config }), compiled(objects, { config }));
      },
    );
    holds(law, { runs: 200 });
  });

  it('of endpoints changes neither rules nor the meaning of the report', () => {
    const law = fc.property(snapshots(), proxyConfigs, seed, (objects, config, random) => {
      const shuffle = shuffler(random);
      const before = compiled(objects, { config });
      const after = compiled(
        objects.map((o) => withEndpointsShuffled(o, shuffle)),
        { config },
      );
      assert.deepEqual(after.texts, before.texts);
      assert.deepEqual(meaning(after.diagnostics), meaning(before.diagnostics));
    });
    holds(law, { runs: 200 });
  });
});

describe('how endpoints are spread over slices', () => {
  it('changes neither rules nor what is said of Services', () => {
    const law = fc.property(snapshots(), proxyConfigs, seed, (objects, config, random) => {
      const before = compiled(objects, { config });
      const after = compiled(withSlicesSplit(objects, shuffler(random)), { config });
      assert.deepEqual(after.texts, before.texts);
      assert.deepEqual(meaningBesidesSlices(after.diagnostics), meaningBesidesSlices(before.diagnostics));
    });
    holds(law, { runs: 200 });
  });
});

describe('objects given twice', () => {
  it('count once', () => {
    const law = fc.property(snapshots(), proxyConfigs, (objects, config) => {
      assert.deepEqual(compiled([...objects, ...objects], { config }), compiled(objects, { config }));
    });
    holds(law, { runs: 60 });
  });
});
