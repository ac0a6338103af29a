import type { Diagnostic } from '../../diag/diagnostic.ts';
import type { Ruleset } from '../../ruleset/ruleset.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ServiceTable } from '../../services/service-table.ts';
import type { ConntrackEntry } from '../../ruleset/conntrack-entry.ts';

/** All that lint looks at. */
export interface LintInput {
  /** One for each family and variant; the order does not matter. */
  readonly dumps: readonly LintDump[];
  readonly snapshot?: LintSnapshot | undefined;
  readonly conntrack?: LintConntrack | undefined;
}

export interface LintDump {
  readonly file: string;
  readonly ruleset: Ruleset;
  /** Of reading it: they say whether it is whole. */
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
  /** Of making the tables. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface LintConntrack {
  readonly file: string;
  readonly entries: readonly ConntrackEntry[];
}
