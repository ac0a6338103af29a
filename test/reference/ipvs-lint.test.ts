// Nothing is wrong with what kube-proxy v1.36.2 programmed in ipvs mode.
import assert from 'node:assert/strict';
import { lint } from '../../src/core/analyze/lint/lint.ts';
import type { ServicePortEntry } from '../../src/core/services/service-port.ts';
import { readIpvsCase } from '../support/ipvs-case.ts';
import { ipvsCases } from '../support/ipvs-reference.ts';

/** True, and no fault of kube-proxy's. */
const MAY_BE_SO: ReadonlySet<string> = new Set(['virtual-server-without-servers']);

const OPEN = 'source-ranges-bypassed';

/** By design anybody may use a node port or an external IP, whatever ranges guard the load balancer's. */
function isOpenBesideRanges(port: ServicePortEntry): boolean {
  const { sourceRanges, loadBalancerIps, nodePort, externalIps, hasEndpoints } = port;
  const isGuarded =
    loadBalancerIps.length > 0 && sourceRanges.length > 0 && sourceRanges.every(({ prefix }) => prefix > 0);
  return isGuarded && hasEndpoints && (nodePort !== 0 || externalIps.length > 0);
}

describe('lint, of what kube-proxy v1.36.2 programmed in ipvs mode', () => {
  it('has 39 cases', () => assert.ok(ipvsCases.length >= 39));

  for (const name of ipvsCases) {
    it(`finds nothing in ${name} that kube-proxy could have done otherwise`, () => {
      const families = readIpvsCase(name);
      const [first] = families;
      assert.ok(first !== undefined);
      const findings = lint({
        dumps: families.map(({ ruleset }) => ({ file: ruleset.family, ruleset, diagnostics: [] })),
        ipvs: { file: 'ipvs.save', table: first.ipvs },
        sets: { file: 'ipset.save', sets: first.sets },
      });
      const loud = findings.filter(({ severity }) => severity !== 'info');
      // Nothing but what the Services themselves leave open, once for each.
      const told = loud.map(({ code, message }) => (code === OPEN ? OPEN : `${code}: ${message}`));
      const open = families.flatMap(({ ports }) => ports.filter(isOpenBesideRanges));
      assert.deepEqual(
        told,
        open.map(() => OPEN),
      );
      for (const { code } of findings)
        assert.ok(MAY_BE_SO.has(code) || !/ipvs|server|node-port|scheduler/.test(code), code);
    });
  }
});
