import assert from 'node:assert/strict';
import { mutate } from './mutations.ts';

const rules = (address: string): string =>
  `*nat\n:KUBE-SEP-A - [0:0]\n-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination ${address}:8000\nCOMMIT\n`;

describe('mutate', () => {
  it('writes other addresses as iptables-save does', () => {
    for (const [address, other] of [
      ['[fd00:244::1]', '[fd00:244::]'],
      ['[fd00:244::]', '[fd00:244::1]'],
      ['10.244.0.1', '10.244.0.0'],
    ] as const) {
      const changed = mutate(rules(address), { kind: 'address', at: 0, place: 0, value: 0 });
      assert.equal(changed?.text, rules(other));
    }
  });
});
