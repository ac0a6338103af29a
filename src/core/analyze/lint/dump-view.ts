import type { Ruleset } from '../../ruleset/ruleset.ts';
import type { Place } from './finding.ts';
import type { LintDump } from './lint-input.ts';
import type { ProxyMode } from '../decode/decoded-rules.ts';
import { populatedModes } from './proxy-modes.ts';
import { ServiceIndex } from './service-index.ts';
import { TableView } from './table-view.ts';

/** One dump, for the checks. */
export class DumpView {
  readonly file: string;
  readonly ruleset: Ruleset;
  readonly tables: readonly TableView[];
  #modes: ReadonlySet<ProxyMode> | undefined;
  #services: ServiceIndex | undefined;

  constructor({ file, ruleset }: LintDump) {
    this.file = file;
    this.ruleset = ruleset;
    this.tables = ruleset.tables.map((table) => new TableView(file, ruleset.family, table));
  }

  get family(): Ruleset['family'] {
    return this.ruleset.family;
  }

  table(name: string): TableView | undefined {
    return this.tables.find((table) => table.name === name);
  }

  /** The modes of kube-proxy that have written rules here. */
  get modes(): ReadonlySet<ProxyMode> {
    return (this.#modes ??= populatedModes(this));
  }

  /** The Services of the iptables mode. */
  get services(): ServiceIndex {
    return (this.#services ??= new ServiceIndex(this));
  }

  /** The dump itself. */
  get whole(): Place {
    const { file, family } = this;
    return { file, family, table: undefined, chain: undefined, line: undefined, text: undefined };
  }
}
