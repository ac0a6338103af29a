import type { IpFamily } from '../../model/ip.ts';
import type { ServiceTable } from '../../services/service-table.ts';
import { sortedBy } from '../../util/order.ts';
import { DumpView } from './dump-view.ts';
import { ipvsViews, type IpvsView } from './ipvs-view.ts';
import type { LintConntrack, LintInput, LintSnapshot } from './lint-input.ts';

/** What the checks look at. */
export class LintContext {
  /** Sorted by family, variant and file. */
  readonly dumps: readonly DumpView[];
  readonly snapshot: LintSnapshot | undefined;
  readonly conntrack: LintConntrack | undefined;
  /** Empty where nothing of the ipvs mode was given beside the rules. */
  readonly ipvs: readonly IpvsView[];

  constructor({ dumps, snapshot, conntrack, ipvs, sets }: LintInput) {
    this.dumps = sortedBy(
      dumps.map((dump) => new DumpView(dump)),
      ({ family }) => family,
      ({ ruleset }) => ruleset.header?.variant ?? '',
      ({ file }) => file,
    );
    this.snapshot = snapshot;
    this.conntrack = conntrack;
    this.ipvs = ipvsViews(this.dumps, ipvs, sets);
  }

  /** What the snapshot says of a family. */
  serviceTable(family: IpFamily): ServiceTable | undefined {
    return this.snapshot?.tables.find((table) => table.family === family);
  }
}
