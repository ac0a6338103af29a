import type { DeclarationOrder } from '../../core/plan/restore-payload.ts';
import type { Variant } from './tools.ts';

/** In which order a restore tool takes many chains best; see DeclarationOrder. */
export function declarationOrder(variant: Variant): DeclarationOrder {
  return variant === 'legacy' ? 'last-first' : 'by-hash';
}
