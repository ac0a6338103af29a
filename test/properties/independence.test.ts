import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { proxyConfigs, snapshots, unrelatedService } from '../support/arbitraries.ts';
import { compiled } from '../support/compiled.ts';
import type { JsonObject } from '../support/json.ts';
import { holds } from '../support/law.ts';
import { keyOf } from '../support/objects.ts';
import { readRules, type TextChain } from '../support/rules-text.ts';

const SHARED = /^KUBE-(SERVICES|EXTERNAL-SERVICES|NODEPORTS|PROXY-FIREWALL)$/;

/** Each chain with its rules; of the chains that list all Services only the rules that do not speak of this one. */
function withoutService(text: string, service: string): readonly TextChain[] {
  const speaks = new RegExp(`--comment "(other traffic to |masquerade (LOCAL )?traffic for |[a-z ]*)?${service}[: "]`);
  return readRules(text).flatMap((chain) => {
    const rules = chain.rules.filter((rule) => !speaks.test(rule) && !rule.includes(`for ${service}`));
    const gone = rules.length < chain.rules.length && !SHARED.test(chain.name);
    return gone ? [] : [{ ...chain, rules }];
  });
}

function ownChains(chains: readonly TextChain[]): ReadonlyMap<string, string> {
  const own = chains.filter((c) => /^KUBE-(SVC|SVL|SEP|EXT|FW)-/.test(c.name));
  return new Map(own.map((c) => [c.name, c.rules.join('\n')]));
}

describe('an unrelated Service', () => {
  it('leaves the rules of all others byte for byte', () => {
    const law = fc.property(
      snapshots({ explicit: true, maxServices: 4 }),
      unrelatedService(),
      proxyConfigs,
      (objects, [service, ...rest], config) => {
        if (service === undefined) return;
        const before = compiled(objects, { config }).texts;
        const after = compiled([...objects, service, ...rest] satisfies readonly JsonObject[], { config }).texts;
        for (const [i, text] of before.entries()) {
          const remaining = withoutService(after[i] ?? '', keyOf(service));
          assert.deepEqual(remaining, readRules(text));
          const more = ownChains(readRules(after[i] ?? ''));
          for (const [name, rules] of ownChains(readRules(text))) assert.equal(more.get(name), rules);
        }
      },
    );
    holds(law, { runs: 200 });
  });
});
