import { join } from 'node:path';
import { compile } from '../../../src/core/compile/compile.ts';
import { printRules } from '../../../src/core/compile/print-rules.ts';
import type { CompiledRules } from '../../../src/core/ruleset/compiled-rules.ts';
import type { Family } from '../../../scripts/lab/addresses.ts';
import type { Dumps } from './test-node.ts';
import {
  recordedConfig,
  recordedConfigFile,
  recordedSnapshot,
  recordedText,
  REFERENCE,
} from '../../support/recordings.ts';

/** A recorded case: what kube-proxy v1.36.2 programmed for a snapshot. */
export interface ReferenceCase {
  readonly name: string;
  readonly snapshotFile: string;
  readonly configFile: string;
  /** What chainsmith compiles of it for node-a, with nfacct as kube-proxy had it. */
  readonly desired: readonly CompiledRules[];
  /** As kube-proxy programmed it. */
  readonly recorded: Dumps;
}

export function readReference(name: string): ReferenceCase {
  const config = recordedConfig(name);
  const { rules } = compile([recordedSnapshot(name)], { node: 'node-a', config, nfacct: true });
  const recorded = {
    ipv4: recordedText(name, 'iptables.save'),
    ipv6: recordedText(name, 'ip6tables.save'),
  };
  return {
    name,
    snapshotFile: join(REFERENCE, name, 'snapshot.json'),
    configFile: recordedConfigFile(name),
    desired: rules,
    recorded,
  };
}

export function printFamily(rules: readonly CompiledRules[], family: Family): string {
  const one = rules.find((compiled) => compiled.family === family);
  return one === undefined ? '' : printRules(one);
}
