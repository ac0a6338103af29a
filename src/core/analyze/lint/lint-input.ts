import type { Diagnostic } from '../../diag/diagnostic.ts';
import type { IpSet } from '../../ruleset/ip-set.ts';
import type { Ruleset } from '../../ruleset/ruleset.ts';
import type { IpvsTable } from '../../ruleset/virtual-server.ts';
import type { IpFamily } from '../../model/ip.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ServiceTable } from '../../services/service-table.ts';
import type { ConntrackEntry } from '../../ruleset/conntrack-entry.ts';

/** All that lint looks at. */
export interface LintInput {
  /** One for each family and variant; the order does not matter. */
  readonly dumps: readonly LintDump[];
  readonly snapshot?: LintSnapshot | undefined;
  readonly conntrack?: LintConntrack | undefined;
  readonly ipvs?: LintIpvs | undefined;
  readonly sets?: LintSets | undefined;
}

export interface LintDump {
  readonly file: string;
  readonly ruleset: Ruleset;
  /** Of reading it. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What the cluster says that the rules should be. */
export interface LintSnapshot {
  readonly snapshot: Snapshot;
  /** Undefined: no node was named. */
  readonly nodeName: string | undefined;
  /** One for each family. */
  readonly tables: readonly ServiceTable[];
  /** It is all of the cluster, not some manifests: what is not in it does not exist. */
  readonly isWholeCluster: boolean;
  /** Families in which no known address of the node is in nodePortAddresses, so that node ports answer nowhere. */
  readonly withoutNodePorts: readonly IpFamily[];
  /** Of making the tables. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Virtual servers of the node, all that it has. */
export interface LintIpvs {
  readonly file: string;
  readonly table: IpvsTable;
}

/** Sets of the node, those that could be read. */
export interface LintSets {
  readonly file: string;
  readonly sets: ReadonlyMap<string, IpSet>;
}

export interface LintConntrack {
  readonly file: string;
  readonly entries: readonly ConntrackEntry[];
}
