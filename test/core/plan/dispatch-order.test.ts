import assert from 'node:assert/strict';
import { dispatchOrder } from '../../../src/core/plan/dispatch-order.ts';

const rule = (rest: string): string => `-A KUBE-SERVICES ${rest}`;
const same = (a: readonly string[], b: readonly string[], chain = 'KUBE-SERVICES'): boolean =>
  dispatchOrder(chain, a).join('\n') === dispatchOrder(chain, b).join('\n');
const web = rule('-d 10.96.0.10/32 -p tcp -m comment --comment "a/web" -m tcp --dport 80 -j KUBE-SVC-A');
const api = rule('-d 10.96.0.11/32 -p tcp -m comment --comment "a/api" -m tcp --dport 80 -j KUBE-SVC-B');
const dns = rule('-d 10.96.0.10/32 -p udp -m comment --comment "a/dns" -m udp --dport 53 -j KUBE-SVC-C');
const last = rule('-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS');

describe('dispatchOrder', () => {
  it('is the same for rules that cannot match one packet, in any order', () => {
    assert.ok(same([web, api, dns, last], [dns, api, web, last]));
  });

  it('keeps the order of rules that can', () => {
    const wide = rule('-d 10.96.0.0/16 -p tcp -m tcp --dport 80 -j DROP');
    const twice = rule('-d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j DROP');
    const v6 = (net: string): string => rule(`-d ${net} -p tcp -m tcp --dport 80 -j X`);
    for (const other of [
      last,
      wide,
      twice,
      rule('-p tcp -m tcp --dport 80 -j DROP'),
      rule('-d 10.96.0.10/32 -p tcp -m tcp --dport 80:90 -j DROP'),
    ]) {
      assert.ok(!same([web, other], [other, web]), other);
    }
    assert.ok(!same([v6('fd00::/32'), v6('fd00::1/128')], [v6('fd00::1/128'), v6('fd00::/32')]));
  });

  it('keeps the order of what only seems to be for one port: spelled otherwise, negated, or in a comment', () => {
    for (const other of [
      rule('-d 10.96.0.11/32 -p 6 -m tcp --dport 81 -j DROP'),
      rule('-d 10.96.0.11/32 -p tcp -m tcp ! --dport 81 -j DROP'),
      rule('-d 10.96.0.11/32 ! -p tcp -m tcp --dport 81 -j DROP'),
      rule('-m comment --comment " -d 10.96.0.12/32 -p tcp --dport 81 " -j DROP'),
    ]) {
      assert.ok(!same([web, other], [other, web]), other);
    }
  });

  it('lets rules change places that differ in their comments only', () => {
    const check = (name: string): string =>
      rule(`-p tcp -m comment --comment "a/${name} health check node port" -m tcp --dport 30010 -j ACCEPT`);
    assert.ok(same([check('x'), check('y')], [check('y'), check('x')]));
    const drop = check('z').replace('ACCEPT', 'DROP');
    assert.ok(!same([check('x'), drop], [drop, check('x')]));
  });

  it('leaves other chains as they are', () => {
    assert.deepEqual(dispatchOrder('KUBE-SVC-A', [web, api]), [web, api]);
    assert.deepEqual(dispatchOrder('KUBE-SVC-A', [api, web]), [api, web]);
  });
});
