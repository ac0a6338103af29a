import assert from 'node:assert/strict';
import { array, assert as check, constantFrom, dictionary, jsonValue, oneof, property } from 'fast-check';
import type { Flow } from '../../../../src/core/analyze/flows/flow.ts';
import { expectationText } from '../../../../src/core/analyze/flows/expectation.ts';
import { readFlows } from '../../../../src/core/analyze/flows/read-flows.ts';

function one(row: Readonly<Record<string, unknown>>): Flow {
  const { flows, diagnostics } = readFlows([{ from: '10.244.0.9', to: '10.96.0.80:80', expect: 'rejected', ...row }]);
  assert.deepEqual(
    diagnostics.map(({ message }) => message),
    [],
  );
  const [flow] = flows;
  assert.ok(flow !== undefined);
  return flow;
}

function messages(row: Readonly<Record<string, unknown>>): readonly string[] {
  const { flows, diagnostics } = readFlows([row]);
  assert.deepEqual(flows, []);
  return diagnostics.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`));
}

describe('flows.yaml', () => {
  it('says where a packet comes from', () => {
    const from = (text: string): unknown => one({ from: text }).from;
    assert.deepEqual(from('node'), { kind: 'node' });
    assert.deepEqual(from('outside'), { kind: 'outside' });
    assert.deepEqual(from('pod/shop/cart-0'), { kind: 'pod', namespace: 'shop', name: 'cart-0' });
    assert.deepEqual(from('pod/cart-0'), { kind: 'pod', namespace: 'default', name: 'cart-0' });
    assert.deepEqual(from('FD00:0:0::9'), { kind: 'address', ip: { family: 'ipv6', text: 'fd00::9' } });
  });

  it('says where it goes', () => {
    const to = (text: string, more: object = {}): unknown => one({ to: text, ...more }).to;
    const ip = { family: 'ipv4', text: '10.0.0.1' } as const;
    assert.deepEqual(to('10.0.0.1:53/udp'), { target: { kind: 'address', ip }, port: 53, protocol: 17 });
    assert.deepEqual(to('10.0.0.1', { port: 53, protocol: 'udp' }), to('10.0.0.1:53/udp'));
    assert.deepEqual(to('10.0.0.1/icmp'), { target: { kind: 'address', ip }, port: undefined, protocol: 1 });
    assert.deepEqual(to('[fd00::1]:80'), {
      target: { kind: 'address', ip: { family: 'ipv6', text: 'fd00::1' } },
      port: 80,
      protocol: undefined,
    });
    assert.deepEqual(to('node:30080/tcp'), { target: { kind: 'node' }, port: 30_080, protocol: 6 });
    const web = { kind: 'service', namespace: 'shop', name: 'web' };
    assert.deepEqual(to('svc/shop/web:http'), { target: web, port: 'http', protocol: undefined });
    assert.deepEqual(to('service/shop/web:80'), { target: web, port: 80, protocol: undefined });
    assert.deepEqual(to('svc/shop/web', { port: 'http' }), to('svc/shop/web:http'));
    assert.deepEqual(to('svc/shop/web:53/udp'), { target: web, port: 53, protocol: 17 });
    assert.deepEqual(to('svc/web/udp'), {
      target: { kind: 'service', namespace: 'web', name: 'udp' },
      port: undefined,
      protocol: undefined,
    });
    assert.deepEqual(to('pod/web-0:8080'), {
      target: { kind: 'pod', namespace: 'default', name: 'web-0' },
      port: 8080,
      protocol: undefined,
    });
  });

  it('says what must become of it, in several forms', () => {
    const text = (expect: unknown, more: object = {}): string => expectationText(one({ expect, ...more }).expect);
    const two = ['10.244.0.5:8080', '10.244.1.5:8080'];
    const even = '10.244.0.5:8080, 10.244.1.5:8080 in equal shares';
    assert.equal(text(two), even);
    assert.equal(text({ reaches: two }), even);
    assert.equal(text({ reaches: two, endpoints: 2, evenly: true }), even);
    assert.equal(text({ reaches: two, evenly: false }), '10.244.0.5:8080, 10.244.1.5:8080');
    assert.equal(text(two, { masquerade: true }), `${even}, masqueraded`);
    assert.equal(text({ reaches: two, masquerade: true }), `${even}, masqueraded`);
    assert.equal(
      text({ reaches: two }, { masquerade: ['10.244.0.5:8080'] }),
      `${even}, masqueraded to 10.244.0.5:8080 only`,
    );
    assert.equal(text({ endpoints: 3 }), '3 endpoints in equal shares');
    assert.equal(text({ endpoints: 1, masquerade: false }), '1 endpoint, not masqueraded');
    assert.equal(text({ masquerade: false }), 'endpoints of a Service, not masqueraded');
    assert.equal(
      text({ evenly: true, hairpin: false }),
      'endpoints of a Service in equal shares, none of them the client itself',
    );
    assert.equal(text({ shares: { '10.0.0.1:1': '1/4', '10.0.0.2:1': 0.75 } }), '10.0.0.1:1 (1/4), 10.0.0.2:1 (0.75)');
    for (const word of ['reject', 'rejected']) assert.equal(text(word), 'rejected');
    for (const word of ['drop', 'dropped']) assert.equal(text(word), 'dropped');
    for (const word of ['none', 'untouched']) assert.equal(text(word), 'untouched');
    for (const word of ['rejected', 'dropped', 'untouched']) assert.equal(text({ [word]: true }), word);
    assert.equal(text('none', { masquerade: false }), 'untouched, not masqueraded');
  });

  it('names a flow that has no name', () => {
    assert.equal(one({}).name, '10.244.0.9 -> 10.96.0.80:80');
    assert.equal(one({ name: 'mine' }).name, 'mine');
  });

  it('is refused where it would check nothing', () => {
    const row = { from: '10.244.0.9', to: '10.96.0.80:80' };
    assert.deepEqual(messages({ ...row, expct: 'rejected' }), ['unknown key "expct" (did you mean expect?)']);
    assert.match(messages({ ...row, expect: {} }).join(), /expect is empty/);
    assert.match(messages({ ...row, expect: { rejected: false } }).join(), /rejected must be true, not false/);
    assert.match(messages({ ...row, expect: [] }).join(), /must have one at least/);
    assert.match(messages(row).join(), /a flow needs expect/);
    for (const document of [undefined, null, [], {}, 'x', 7]) {
      const { flows, diagnostics } = readFlows(document);
      assert.deepEqual([flows.length, diagnostics.length], [0, 1]);
    }
  });

  it('never throws, and reads a row or says what is wrong with it', () => {
    const words = constantFrom('node', 'outside', 'rejected', 'svc/web', '10.0.0.1:80', 'fd00::1', '1/3', 'pod/x');
    const value = oneof(words, jsonValue());
    const keys = ['from', 'to', 'port', 'protocol', 'family', 'remembered', 'expect', 'masquerade', 'name', 'x'];
    const row = oneof(value, dictionary(constantFrom(...keys), value));
    check(
      property(array(row, { minLength: 1 }), (rows) => {
        const { flows, diagnostics } = readFlows(rows);
        assert.ok(flows.length === rows.length || diagnostics.length > 0);
        for (const { expect } of flows) assert.ok(expectationText(expect) !== '');
      }),
    );
  });
});
