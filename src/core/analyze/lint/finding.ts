import type { Severity } from '../../diag/diagnostic.ts';
import type { IpFamily } from '../../model/ip.ts';

/** Where in a dump something stands; what is undefined does not matter or is not known. */
export interface Place {
  /** As it was given, or `<stdin>`. */
  readonly file: string;
  readonly family: IpFamily;
  readonly table: string | undefined;
  readonly chain: string | undefined;
  /** 1-based. Undefined for what is not there. */
  readonly line: number | undefined;
  /** The rule, as it stands there. */
  readonly text: string | undefined;
}

/** What the check of a rule gives. */
export interface Found {
  /** One line, no final full stop. */
  readonly message: string;
  readonly place?: Place | undefined;
  /** `namespace/name:port`, where it is about one service port and its name is known. */
  readonly service?: string | undefined;
  /** Other lines that belong to it, in the order of the dump. */
  readonly related?: readonly Place[];
  /** In place of the rule's own advice. */
  readonly fix?: string;
  /** In place of the rule's own, where this one may be as it was meant. */
  readonly severity?: Severity;
}

/** One thing that is not as it must be. */
export interface Finding {
  /** That of the lint rule. */
  readonly code: string;
  /** That of the lint rule, unless what was found may be as it was meant. */
  readonly severity: Severity;
  readonly message: string;
  readonly place: Place | undefined;
  readonly service: string | undefined;
  readonly related: readonly Place[];
  /** What to do, one or two sentences. */
  readonly fix: string;
}
