// Nothing is wrong with what kube-proxy v1.36.2 programmed in ipvs mode.
import assert from 'node:assert/strict';
import { lint } from '../../src/core/analyze/lint/lint.ts';
import { readIpvsCase } from '../support/ipvs-case.ts';
import { ipvsCases } from '../support/ipvs-reference.ts';

/** True, and no fault of kube-proxy's. */
const MAY_BE_SO: ReadonlySet<string> = new Set(['virtual-server-without-servers']);

describe('lint, of what kube-proxy v1.36.2 programmed in ipvs mode', () => {
  it('has 39 cases', () => assert.ok(ipvsCases.length >= 39));

  for (const name of ipvsCases) {
    it(`finds nothing in ${name}`, () => {
      const families = readIpvsCase(name);
      const [first] = families;
      assert.ok(first !== undefined);
      const findings = lint({
        dumps: families.map(({ ruleset }) => ({ file: ruleset.family, ruleset, diagnostics: [] })),
        ipvs: { file: 'ipvs.save', table: first.ipvs },
        sets: { file: 'ipset.save', sets: first.sets },
      });
      assert.deepEqual(
        findings.filter(({ severity }) => severity !== 'info').map(({ code, message }) => `${code}: ${message}`),
        [],
      );
      for (const { code } of findings)
        assert.ok(MAY_BE_SO.has(code) || !/ipvs|server|node-port|scheduler/.test(code), code);
    });
  }
});
