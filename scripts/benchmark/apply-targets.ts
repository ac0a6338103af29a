import type { Variant } from '../../src/host/iptables/tools.ts';
import type { Verdict } from './targets.ts';

/** Seconds. */
export interface MeasuredApply {
  readonly services: number;
  readonly variant: Variant;
  /** The restore tool alone on the payload of a full apply, in an empty namespace. */
  readonly fullFloor: number;
  /** The whole command: input read, compiled, planned, tested, loaded, read back. */
  readonly full: number;
  /** The restore tool alone on the payload of one endpoint more, in a namespace with all rules. */
  readonly oneFloor: number;
  /** The applier on a node whose rules it knows: planned, tested, loaded, read back. */
  readonly one: number;
}

const FULL_LEGACY = 2;
const FULL_NFT_SECONDS = 15;
const ONE_ENDPOINT = 1.5;

export function applyVerdicts(measured: readonly MeasuredApply[]): readonly Verdict[] {
  return measured.flatMap((m) => [...fullVerdicts(m), oneVerdict(m)]);
}

function fullVerdicts({ services, variant, full, fullFloor }: MeasuredApply): readonly Verdict[] {
  if (services < 5000) return [];
  const ratio = full / fullFloor;
  const measured = `${full.toFixed(2)} s, ${ratio.toFixed(2)} of it`;
  if (variant === 'nft') {
    const target = `${services} Services on nft are applied in less than ${FULL_NFT_SECONDS} s`;
    return [{ target, measured, met: full < FULL_NFT_SECONDS }];
  }
  const target = `${services} Services on legacy are applied within ${FULL_LEGACY} times the restore alone`;
  return [{ target, measured, met: ratio <= FULL_LEGACY }];
}

function oneVerdict({ services, variant, one, oneFloor }: MeasuredApply): Verdict {
  const ratio = one / oneFloor;
  return {
    target: `one endpoint among ${services} Services on ${variant} is applied within ${ONE_ENDPOINT} times the restore alone`,
    measured: `${one.toFixed(2)} s, ${ratio.toFixed(2)} of it`,
    met: ratio <= ONE_ENDPOINT,
  };
}
