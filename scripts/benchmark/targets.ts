/** What one size of cluster took; seconds and megabytes. */
export interface Measured {
  readonly services: number;
  readonly command: number;
  readonly memory: number;
  /** Undefined where rules cannot be loaded: not root, no iptables. */
  readonly legacyLoad: number | undefined;
}

export interface Verdict {
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
}

/** Megabytes of peak memory for 5000 Services with 10 endpoints each. */
const MEMORY = 400;
/** How much longer one of 10000 Services may take than one of 1000; room for measuring, far from quadratic (10). */
const GROWTH = 1.3;

/** The targets that can be judged from what was measured. Ratios of one run: the machine does not matter. */
export function verdicts(sizes: readonly Measured[]): readonly Verdict[] {
  const at = (services: number): Measured | undefined => sizes.find((s) => s.services === services);
  const [small, middle, large] = [at(1000), at(5000), at(10_000)];
  const result: Verdict[] = [];
  if (middle?.legacyLoad !== undefined) {
    const ratio = middle.command / middle.legacyLoad;
    const target = '5000 Services compile no slower than iptables-legacy-restore loads them';
    result.push({ target, measured: `${ratio.toFixed(2)} of its time`, met: ratio <= 1 });
  }
  if (middle !== undefined) {
    const target = `peak memory at 5000 Services is below ${MEMORY} MB`;
    result.push({ target, measured: `${middle.memory.toFixed(0)} MB`, met: middle.memory < MEMORY });
  }
  if (small !== undefined && large !== undefined) {
    const growth = large.command / large.services / (small.command / small.services);
    const target = `time grows no faster than the cluster, from 1000 to 10000 Services (${GROWTH} per Service)`;
    result.push({ target, measured: `${growth.toFixed(2)} per Service`, met: growth <= GROWTH });
  }
  return result;
}
