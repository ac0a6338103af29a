import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { compile } from '../../src/core/compile/compile.ts';
import { printAddresses, printIpSets, printVirtualServers } from '../../src/core/compile/print-ipvs.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { readMeaning } from '../../src/core/compile/read-meaning.ts';
import { ipvsEndpointText } from '../../src/core/ruleset/virtual-server.ts';
import type { ServicePortEntry } from '../../src/core/services/service-port.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { ipvsFaults } from '../support/ipvs-faults.ts';
import type { JsonObject } from '../support/json.ts';
import { holds } from '../support/law.ts';
import { shuffler, withEndpointsShuffled, withKeysShuffled, withListsInBetween } from '../support/rearrange.ts';

const schedulers = fc.constantFrom(undefined, 'rr', 'mh', 'sh');

const options = (config: JsonObject, scheduler: string | undefined) => ({
  config: { ...config, mode: 'ipvs', ...(scheduler === undefined ? {} : { ipvs: { scheduler } }) },
  node: 'node-a',
});

/** All that is compiled, as text. */
function texts(objects: readonly JsonObject[], config: JsonObject, scheduler?: string): readonly string[] {
  const { rules } = compile(objects, options(config, scheduler));
  assert.equal(rules.length, 2);
  return [
    printVirtualServers(rules, { explain: true }),
    printIpSets(rules),
    printAddresses(rules),
    ...rules.map((r) => printRules(r)),
  ];
}

describe('the ipvs mode', () => {
  it('is the same whatever the order of the input', () => {
    const law = fc.property(
      snapshots({ conflicts: true }),
      proxyConfigs,
      schedulers,
      fc.integer(),
      fc.tuple(fc.nat(40), fc.nat(40)),
      (objects, config, scheduler, seed, cuts) => {
        const shuffle = shuffler(seed);
        const other = withListsInBetween(
          shuffle(objects).map((o) => withKeysShuffled(o, shuffle)),
          cuts,
        );
        assert.deepEqual(texts(other, config, scheduler), texts(objects, config, scheduler));
      },
    );
    holds(law, { runs: 150 });
  });

  it('is the same whatever the order of endpoints', () => {
    const law = fc.property(snapshots(), proxyConfigs, fc.integer(), (objects, config, seed) => {
      const shuffle = shuffler(seed);
      assert.deepEqual(
        texts(
          objects.map((o) => withEndpointsShuffled(o, shuffle)),
          config,
        ),
        texts(objects, config),
      );
    });
    holds(law, { runs: 100 });
  });

  it('has virtual servers, sets, addresses and rules that name one another, and texts that are read as they were meant', () => {
    const law = fc.property(snapshots({ conflicts: true }), proxyConfigs, schedulers, (objects, config, scheduler) => {
      const { rules } = compile(objects, options(config, scheduler));
      assert.equal(rules.length, 2);
      assert.deepEqual(rules.flatMap(ipvsFaults), []);
    });
    holds(law, { runs: 400 });
  });

  it('has a real server for each endpoint of the table that the policy of the address allows, and no other', () => {
    const law = fc.property(snapshots(), proxyConfigs, (objects, config) => {
      const given = options(config, undefined);
      const { rules } = compile(objects, given);
      const { families } = readMeaning(objects, given);
      for (const [i, { table }] of families.entries()) {
        const servers = rules[i]?.ipvs?.virtualServers ?? [];
        for (const port of table.servicePorts) {
          const own = servers.filter(
            ({ service, address: a }) => service === port.name && a.kind === 'address' && a.protocol === lower(port),
          );
          assert.ok(own.some(({ what }) => what === 'cluster IP') || isShadowed(port));
          for (const { what, realServers } of own) {
            const local = what === 'cluster IP' ? port.internalPolicyLocal : port.externalPolicyLocal;
            assert.deepEqual(
              realServers.map((server) => ipvsEndpointText(server.ip, server.port)),
              expected(port, local),
            );
            assert.ok(realServers.every((r) => r.weight === 1 && r.forwarding === 'masquerade'));
          }
        }
      }
    });
    holds(law, { runs: 300 });
  });
});

const lower = ({ protocol }: ServicePortEntry): string => protocol.toLowerCase();

/** One of its own external addresses is the clusterIP as well, and takes its place. */
function isShadowed(port: ServicePortEntry): boolean {
  return [...port.externalIps, ...port.loadBalancerIps].some((ip) => ip.text === port.clusterIp.text);
}

/** Local endpoints where the policy asks for them and there are some; else all. */
function expected(port: ServicePortEntry, local: boolean): readonly string[] {
  const chosen = local && port.localEndpoints.length > 0 ? port.localEndpoints : port.clusterEndpoints;
  return chosen.map(({ ip, port: number }) => ipvsEndpointText(ip, number));
}
