import type { Variant } from '../../src/host/iptables/tools.ts';
import type { Verdict } from './targets.ts';

/** Seconds. */
export interface MeasuredApply {
  readonly services: number;
  readonly variant: Variant;
  /** The restore tool alone on the payload of a full apply, chains in the order in which the applier gives them, in an empty namespace. */
  readonly fullFloor: number;
  /** The same rules on legacy in other orders of their chains: by name, as iptables-save has them, and by hash, as iptables-nft needs them. */
  readonly otherFloors?: { readonly byName: number; readonly byHash: number };
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

/** A full apply is the whole command. One endpoint is the applier's, which knows its node: to read and compile everything is not its work. */
function fullVerdicts(measured: MeasuredApply): readonly Verdict[] {
  const { services, variant, full, fullCommand, fullFloor, otherFloors } = measured;
  if (services < 5000) return [];
  const ratio = fullCommand / fullFloor;
  const of = (floor: number): string => (fullCommand / floor).toFixed(2);
  const applier = `of it the applier ${full.toFixed(2)} s, ${(full / fullFloor).toFixed(2)}`;
  const others =
    otherFloors === undefined
      ? ''
      : `; ${of(otherFloors.byName)} of the same rules by name, ${of(otherFloors.byHash)} of them by hash`;
  const text = `${fullCommand.toFixed(2)} s, ${ratio.toFixed(2)} of it (${applier}${others})`;
  if (variant === 'nft') {
    const target = `${services} Services on nft are applied in less than ${FULL_NFT_SECONDS} s`;
    return [{ target, measured: text, met: fullCommand < FULL_NFT_SECONDS }];
  }
  const target = `${services} Services on legacy are applied within ${FULL_LEGACY} times the restore alone`;
  return [{ target, measured: text, met: ratio <= FULL_LEGACY }];
}

function oneVerdict({ services, variant, one, oneFloor }: MeasuredApply): Verdict {
  const ratio = one / oneFloor;
  return {
    target: `one endpoint among ${services} Services on ${variant} is applied within ${ONE_ENDPOINT} times the restore alone`,
    measured: `${one.toFixed(2)} s, ${ratio.toFixed(2)} of it`,
    met: ratio <= ONE_ENDPOINT,
  };
}
