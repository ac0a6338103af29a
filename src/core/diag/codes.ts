import type { CodeInfo } from './code-info.ts';
import { configCodes } from './codes/config-codes.ts';
import { conntrackCodes } from './codes/conntrack-codes.ts';
import { endpointCodes } from './codes/endpoint-codes.ts';
import { objectCodes } from './codes/object-codes.ts';
import { parseCodes } from './codes/parse-codes.ts';
import { planCodes } from './codes/plan-codes.ts';
import { serviceCodes } from './codes/service-codes.ts';
import { sourceCodes } from './codes/source-codes.ts';
import { templateCodes } from './codes/template-codes.ts';
import { testCodes } from './codes/test-codes.ts';

/** Every diagnostic code. Codes are stable: scripts match on them, so one is never renamed nor given a new meaning. */
export const codes: {
  readonly [C in DiagnosticCode]: CodeInfo;
} = {
  ...sourceCodes,
  ...objectCodes,
  ...serviceCodes,
  ...endpointCodes,
  ...configCodes,
  ...templateCodes,
  ...parseCodes,
  ...planCodes,
  ...conntrackCodes,
  ...testCodes,
};

export type DiagnosticCode =
  | keyof typeof sourceCodes
  | keyof typeof objectCodes
  | keyof typeof serviceCodes
  | keyof typeof endpointCodes
  | keyof typeof configCodes
  | keyof typeof templateCodes
  | keyof typeof parseCodes
  | keyof typeof planCodes
  | keyof typeof conntrackCodes
  | keyof typeof testCodes;
