/** IP_VS_SVC_F_SCHED1 to 3 (linux/ip_vs.h), by the names that ipvsadm has for them with a scheduler. */
const FLAG_NAMES: Readonly<Record<string, readonly string[]>> = {
  sh: ['sh-fallback', 'sh-port'],
  mh: ['mh-fallback', 'mh-port'],
};

/** What ipvsadm calls flag 1, 2 or 3 of a scheduler. */
export function schedulerFlagName(scheduler: string, flag: 1 | 2 | 3): string {
  return FLAG_NAMES[scheduler]?.[flag - 1] ?? `flag-${flag}`;
}

/** The number of a flag that ipvsadm has a name for, whatever the scheduler; undefined for others. */
export function schedulerFlagNumber(name: string): 1 | 2 | 3 | undefined {
  switch (name) {
    case 'flag-1':
    case 'sh-fallback':
    case 'mh-fallback':
      return 1;
    case 'flag-2':
    case 'sh-port':
    case 'mh-port':
      return 2;
    case 'flag-3':
      return 3;
    default:
      return undefined;
  }
}
