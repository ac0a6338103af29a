// False alarms are worse than silence: what kube-proxy v1.36.2 really programmed must be clean, but for what is really so.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lintSnapshot } from '../../../../src/cli/commands/lint-snapshot.ts';
import type { Finding } from '../../../../src/core/analyze/lint/finding.ts';
import { lint } from '../../../../src/core/analyze/lint/lint.ts';
import type { LintDump } from '../../../../src/core/analyze/lint/lint-input.ts';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';
import {
  recordedConfig,
  recordedConfigFile,
  recordedSnapshot,
  REFERENCE,
  referenceCases,
} from '../../../support/recordings.ts';

/** The dumps of both families; undefined where the case has none of that mode. */
function dumpsOf(name: string, mode: string): readonly LintDump[] | undefined {
  const folder = join(REFERENCE, name, mode);
  if (!existsSync(join(folder, 'iptables.save'))) return undefined;
  const families = [
    ['iptables.save', 'ipv4'],
    ['ip6tables.save', 'ipv6'],
  ] as const;
  return families.map(([file, family]) => {
    return { file, ...parseIptablesSave(readFileSync(join(folder, file), 'utf8'), { file, family }) };
  });
}

function loud(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity }) => severity !== 'info');
}

function codesOf(findings: readonly Finding[]): readonly string[] {
  return [...new Set(loud(findings).map(({ code }) => code))].sort();
}

interface Facts {
  readonly hasRanges: boolean;
  readonly hasOtherWays: boolean;
  readonly hasDetector: boolean;
}

/** What is really so, read from the inputs of kube-proxy and not from its rules. */
function factsOf(name: string): Facts {
  const text = JSON.stringify(recordedSnapshot(name));
  const config = readFileSync(recordedConfigFile(name), 'utf8');
  return {
    hasRanges: text.includes('"loadBalancerSourceRanges":["'),
    hasOtherWays: /"nodePort":[1-9]|"externalIPs":\["/.test(text),
    hasDetector: /clusterCIDR: *['"]?[0-9a-f]|detectLocalMode: (?!ClusterCIDR)|masqueradeAll: true/.test(config),
  };
}

describe('lint finds in what kube-proxy programmed', () => {
  for (const name of referenceCases) {
    it(name, () => {
      const dumps = dumpsOf(name, '') ?? [];
      const findings = loud(lint({ dumps }));
      const facts = factsOf(name);
      for (const { code, message } of findings) {
        switch (code) {
          case 'source-ranges-bypassed':
            // The Service has source ranges and a node port or external IP: anybody can use those, by design.
            assert.ok(facts.hasRanges && facts.hasOtherWays, message);
            break;
          case 'no-cluster-masquerade':
            // kube-proxy was started without any way to tell Pods.
            assert.ok(!facts.hasDetector, message);
            break;
          default:
            assert.fail(`${code}: ${message}`);
        }
      }
    });
  }

  it('source ranges that are bypassed, and a cluster CIDR that is missing, where they are', () => {
    const of = (name: string): readonly string[] => codesOf(lint({ dumps: dumpsOf(name, '') ?? [] }));
    assert.deepEqual(of('loadbalancer-source-ranges'), ['source-ranges-bypassed']);
    assert.deepEqual(of('loadbalancer-source-ranges-all'), []);
    assert.deepEqual(of('source-ranges-other-family'), []);
    assert.deepEqual(of('dual-stack@no-cluster-cidr'), ['no-cluster-masquerade', 'source-ranges-bypassed']);
    assert.deepEqual(of('loadbalancer-local@no-cluster-cidr'), ['no-cluster-masquerade']);
    assert.deepEqual(of('loadbalancer-local'), []);
  });

  it('nothing in ipvs mode', () => {
    const recorded = referenceCases.flatMap((name) => dumpsOf(name, 'ipvs') ?? []);
    assert.ok(recorded.length >= 40, String(recorded.length));
    assert.deepEqual(loud(lint({ dumps: recorded })), []);
  });
});

/** These look at the snapshot alone, and are true of it whatever the rules are. */
const OF_SNAPSHOTS: ReadonlySet<string> = new Set([
  'endpoint-in-two-slices',
  'family-without-endpoints',
  'hints-ignored',
  'only-terminating',
]);

describe('lint with the snapshot finds no drift in what kube-proxy programmed', () => {
  const found = new Map(referenceCases.map((name) => [name, withSnapshot(name)]));

  function withSnapshot(name: string): readonly Finding[] {
    const config = recordedConfig(name);
    const document = recordedSnapshot(name);
    const { snapshot } = lintSnapshot([document], { config, node: 'node-a' });
    assert.ok(snapshot !== undefined);
    const alone = new Set(codesOf(lint({ dumps: dumpsOf(name, '') ?? [] })));
    return loud(lint({ dumps: dumpsOf(name, '') ?? [], snapshot })).filter(({ code }) => !alone.has(code));
  }

  for (const name of referenceCases) {
    it(name, () => {
      const other = (found.get(name) ?? []).filter(({ code }) => !OF_SNAPSHOTS.has(code));
      assert.deepEqual(other, []);
    });
  }

  it('and what is so of the snapshots themselves', () => {
    const byCode = (code: string): readonly string[] =>
      [...found]
        .filter(([name, all]) => !name.startsWith('rand-') && all.some((one) => one.code === code))
        .map(([name]) => name);
    assert.deepEqual(byCode('hints-ignored'), ['topology-hints-missing-one', 'topology-hints-no-zone-match']);
    assert.deepEqual(byCode('only-terminating'), ['terminating-all-serving']);
    assert.deepEqual(byCode('endpoint-in-two-slices'), ['duplicate-endpoints', 'duplicate-endpoints-conflicting']);
    assert.deepEqual(byCode('family-without-endpoints'), []);
  });
});
