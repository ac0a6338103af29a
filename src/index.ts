export type { Diagnostic } from './core/diag/diagnostic.ts';
