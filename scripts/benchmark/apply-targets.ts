import type { Variant } from '../../src/host/iptables/tools.ts';
import type { Verdict } from './targets.ts';

/** Seconds. */
export interface MeasuredApply {
  readonly services: number;
  readonly variant: Variant;
  /** The restore tool alone on the payload of a full apply, in an empty namespace. */
  readonly fullFloor: number;
  /** The applier on an empty node: planned, tested, loaded, read back. */
  readonly full: number;
  /** The whole command: input read, compiled, node read, and the applier. */
  readonly fullCommand: number;
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

/**
 * Both targets are the applier's: plan, test, load, read back. Reading the input and compiling it have one of their own, to take no longer
 * than the restore alone (`scripts/bench`); the whole command, which is the sum, is printed beside.
 */
function fullVerdicts({ services, variant, full, fullCommand, fullFloor }: MeasuredApply): readonly Verdict[] {
  if (services < 5000) return [];
  if (variant === 'nft') {
    // A limit in seconds leaves room for all of it.
    const target = `${services} Services on nft are applied in less than ${FULL_NFT_SECONDS} s, by the whole command`;
    return [{ target, measured: `${fullCommand.toFixed(2)} s`, met: fullCommand < FULL_NFT_SECONDS }];
  }
  const ratio = full / fullFloor;
  const command = `the whole command ${fullCommand.toFixed(2)} s, ${(fullCommand / fullFloor).toFixed(2)}`;
  return [
    {
      target: `${services} Services on legacy are applied within ${FULL_LEGACY} times the restore alone`,
      measured: `${full.toFixed(2)} s, ${ratio.toFixed(2)} of it (${command})`,
      met: ratio <= FULL_LEGACY,
    },
  ];
}

function oneVerdict({ services, variant, one, oneFloor }: MeasuredApply): Verdict {
  const ratio = one / oneFloor;
  return {
    target: `one endpoint among ${services} Services on ${variant} is applied within ${ONE_ENDPOINT} times the restore alone`,
    measured: `${one.toFixed(2)} s, ${ratio.toFixed(2)} of it`,
    met: ratio <= ONE_ENDPOINT,
  };
}
