import { sha256Hex } from '../../util/hash.ts';
import { itemKey, stateItems, valueText, type IpvsItem } from './ipvs-item.ts';
import { changeKey, type IpvsPlan } from './ipvs-plan.ts';
import type { IpvsState } from './ipvs-state.ts';
import { ownServers } from './own-servers.ts';

/** 64 hexadecimal digits that change with all that is kube-proxy's: its virtual servers, its sets, kube-ipvs0. */
export function ipvsFingerprint(state: IpvsState): string {
  const isOwn = ownServers(state);
  const own = { ...state, virtualServers: state.virtualServers.filter(isOwn), timeouts: undefined };
  return sha256Hex([...stateItems(own).values()].map(line).sort().join(''));
}

/** The same for what a plan, or its way back, changes: what a node that has `state` has of it. */
export function changedItemsHash({ changes }: IpvsPlan, state: IpvsState): string {
  const items = stateItems(state);
  const keys = [...new Set(changes.map(changeKey))].sort();
  return sha256Hex(
    keys
      .map((key) => {
        const item = items.get(key);
        return item === undefined ? `${key} is not there\n` : line(item);
      })
      .join(''),
  );
}

function line(item: IpvsItem): string {
  return `${itemKey(item)} ${valueText(item)}\n`;
}
