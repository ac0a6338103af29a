import { valueText, type IpvsItem } from './ipvs-item.ts';

/** Why an item that is wanted is not there as it should be, in a few words. */
export function changeReason(there: IpvsItem | undefined, wanted: IpvsItem): string {
  if (there === undefined) return 'is missing';
  if (there.object === 'virtual-server' && wanted.object === 'virtual-server') {
    const [has, needs] = [there.value, wanted.value];
    if (has.scheduler !== needs.scheduler) return `has the scheduler ${has.scheduler}, not ${needs.scheduler}`;
    const persistence = [has, needs].map(({ persistence: p }) => (p === undefined ? 'none' : `${p.seconds} s`));
    if (persistence[0] !== persistence[1]) return `has the persistence ${persistence.join(', not ')}`;
    return 'has other flags';
  }
  if (there.object === 'real-server' && wanted.object === 'real-server') {
    const [has, needs] = [there.value, wanted.value];
    if (has.forwarding !== needs.forwarding) return `has the forwarding ${has.forwarding}, not ${needs.forwarding}`;
    return has.weight === needs.weight ? 'has another tunnel' : `has the weight ${has.weight}, not ${needs.weight}`;
  }
  if (there.object === 'timeouts') return `has ${valueText(there)} seconds, not ${valueText(wanted)}`;
  if (there.object === 'set' && wanted.object === 'set' && there.value.type !== wanted.value.type) {
    return `has the type ${there.value.type}, not ${wanted.value.type}`;
  }
  return 'cannot hold what it has to';
}
