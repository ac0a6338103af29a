import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runCli, withFolder, type CliResult } from './run-cli.ts';
import { isMapping } from '../../src/core/util/mapping.ts';

const RULES = 'golden/trace/cluster-ip/rules.txt';
const NAMES = 'golden/trace/names-of-a-snapshot';
const PACKET = ['--from', '10.244.0.9', '--to', '10.96.0.80:80'];

function trace(...args: readonly string[]): CliResult {
  return runCli(['trace', ...args]);
}

describe('chainsmith trace', () => {
  it('prints what becomes of a packet, and exits with 0', () => {
    const { status, out, err } = trace(RULES, ...PACKET);
    assert.deepEqual([status, err], [0, '']);
    assert.match(
      out,
      /^tcp 10\.244\.0\.9:50000 -> 10\.96\.0\.80:80, the first packet of a connection, from the network\n/,
    );
    assert.match(out, /^33\.3 % {2}10\.244\.1\.5:8080 {2}lines \d+, \d+$/m);
    assert.match(out, /^=> forwarded to the endpoint, not masqueraded/m);
  });

  it('reads standard input, with and without -', () => {
    const input = readFileSync(RULES, 'utf8');
    const piped = runCli(['trace', ...PACKET], { input });
    assert.equal(piped.out, trace(RULES, ...PACKET).out);
    assert.equal(runCli(['trace', '-', ...PACKET], { input }).out, piped.out);
  });

  it('prints JSON with exact fractions', () => {
    const document: unknown = JSON.parse(trace(RULES, ...PACKET, '-o', 'json').out);
    assert.ok(
      typeof document === 'object' && document !== null && 'outcomes' in document && Array.isArray(document.outcomes),
    );
    const [first] = document.outcomes;
    assert.equal(first.probability.fraction, '715827883/2147483648');
    assert.equal(first.probability.about, '1/3');
    assert.equal(first.fate.endpoint, '10.244.0.5:8080');
    assert.equal(first.service, 'shop/web:http');
  });

  it('says nothing about the packet where a dump could not be read', () => {
    withFolder((folder) => {
      const file = join(folder, 'dump.txt');
      for (const [bytes, message] of [
        ['', /^error\[dump-empty\]/],
        ['{"kind": "List"}', /^error\[dump-empty\]/],
        [gzipSync(readFileSync(RULES)), /^error\[not-text\]/],
        [Uint8Array.of(0, 1, 2, 0xff), /^error\[not-text\]/],
      ] as const) {
        writeFileSync(file, bytes);
        const { status, out, err } = trace(file, ...PACKET);
        assert.deepEqual([status, out], [1, '']);
        assert.match(err, message);
        // One document, whatever could be read, as of all commands: it holds the reason, and nothing of the packet.
        const data = trace(file, ...PACKET, '-o', 'json');
        assert.deepEqual([data.status, data.err], [1, err]);
        const document: unknown = JSON.parse(data.out);
        assert.ok(isMapping(document) && Array.isArray(document['diagnostics']));
        assert.deepEqual(Object.keys(document), ['apiVersion', 'kind', 'outcomes', 'diagnostics']);
        assert.deepEqual([document['kind'], document['outcomes']], ['Trace', []]);
        assert.match(`error[${document['diagnostics'].map(({ code }) => String(code)).join()}]`, message);
        const beside = trace(RULES, file, ...PACKET);
        assert.equal(beside.status, 1);
        assert.equal(beside.out, trace(RULES, ...PACKET).out);
      }
    });
  });

  it('takes names of a snapshot, and says what it does not know of them', () => {
    const named = (...args: readonly string[]): CliResult =>
      trace(`${NAMES}/rules.txt`, '-f', `${NAMES}/cluster.yaml`, '--node', 'node-a', ...args);
    const from = ['--from', 'pod/shop/cart-0'];
    assert.match(
      named(...from, '--to', 'svc/kube-system/kube-dns:dns').out,
      /^udp 10\.244\.0\.9:50000 -> 10\.96\.0\.10:53/,
    );
    assert.match(
      named(...from, '--to', 'svc/kube-system/kube-dns:53').err,
      /several ports: dns \(53\/udp\), dns-tcp \(53\/tcp\)/,
    );
    assert.match(
      named(...from, '--to', 'svc/kube-system/kubedns:dns').err,
      /Did you mean svc\/kube-system\/kube-dns\?/,
    );
    assert.match(named(...from, '--to', 'svc/kube-system/kube-dns:metrics').err, /no such port/);
    assert.match(
      named('--from', 'pod/shop/cart-1', '--to', '10.96.0.10:53').err,
      /no Pod shop\/cart-1.*\nDid you mean shop\/cart-0\?/,
    );
    assert.match(named('--from', 'pod/kube-system/kube-dns-1', '--to', '10.96.0.10:53/udp').out, /^udp 10\.244\.1\.2:/);
  });

  it('says what is wrong with its options', () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['--from', '10.0.0.1', '--to', 'svc/web'], /is a name, and a dump has no names\nGive what knows it: -f/],
      [
        ['--from', 'nobody', '--to', '10.96.0.80:80'],
        /--from nobody is nothing that a packet comes from\nIt takes an address/,
      ],
      [['--from', '10.0.0.1', '--to', '10.96.0.80'], /has no port/],
      [['--from', '10.0.0.1', '--to', '10.96.0.80:80/nothing'], /nothing that a packet goes to/],
      [['--from', '10.0.0.1', '--to', '[fd00::1]:80'], /of two families/],
      [['--from', 'fd00::2', '--to', '[fd00::1]:80'], /has no IPv6 rules.*\nGive the output of ip6tables-save/],
      [['--from', '10.0.0.1:1', '--sport', '2', '--to', '10.96.0.80:80'], /leave one of them out/],
      [[...PACKET, '--reply', '--ctstate', 'established'], /leave out --ctstate established/],
      [[...PACKET, '--node', 'x'], /Give it: -f snapshot\.json/],
      [[...PACKET, '--local-ip', 'x'], /--local-ip x is no address/],
      [[...PACKET, '--ctstate', 'old'], /It takes one of new, established/],
      [[...PACKET, '--recent', 'maybe'], /It takes hit, miss or either, or LIST=hit/],
      [[...PACKET, '--mark', '0x1ffffffff'], /It takes a mark/],
      [['--from', '10.0.0.1'], /required option '--to <where>' not specified/],
    ];
    for (const [args, message] of wrong) {
      const { status, out, err } = trace(RULES, ...args);
      assert.deepEqual([status, out], [1, ''], args.join(' '));
      assert.match(err, message);
    }
    assert.match(trace('golden/nothing.txt', ...PACKET).err, /^error: cannot read golden\/nothing\.txt/);
    assert.match(trace(RULES, RULES, ...PACKET).err, /both dumps of IPv4/);
  });

  it('traces a dump that is cut, and says so with its exit status', () => {
    withFolder((folder) => {
      const half = join(folder, 'half.txt');
      writeFileSync(half, readFileSync(RULES, 'utf8').replace(/COMMIT\n[^]*$/, ''));
      const { status, out, err } = trace(half, ...PACKET);
      assert.equal(status, 1);
      assert.match(out, /^=> /m);
      assert.match(err, /^error\[dump-truncated\]/m);
    });
  });

  it('says which chains a part of a dump has not', () => {
    assert.match(
      trace('golden/trace/half-a-dump/rules.txt', ...PACKET).err,
      /^note: the dump has no filter FORWARD; it is taken for empty$/m,
    );
  });

  it('cuts long lists unless it is to tell all', () => {
    const args = ['golden/trace/many-endpoints/rules.txt', ...PACKET];
    assert.match(trace(...args).out, /^\.\.\. and 8 more \(-v shows all\)$/m);
    const all = trace(...args, '-v').out;
    assert.equal([...all.matchAll(/^5 % {2}10\.244\.3\./gm)].length, 20);
    assert.match(all, /the policy is ACCEPT$/m);
  });

  it('colours only if it is told to', () => {
    assert.match(trace(RULES, ...PACKET, '--color', 'always').out, /\u001b\[/);
    assert.doesNotMatch(trace(RULES, ...PACKET).out, /\u001b\[/);
  });
});
