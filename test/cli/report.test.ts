import assert from 'node:assert/strict';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findAll, readHtml, textIn } from '../support/html.ts';
import { runCli, withFolder } from './run-cli.ts';

const DUMP = 'golden/decode/load-balancer-1-36/input.rules';
const CASE = 'golden/reference/rand-105';

describe('chainsmith report', () => {
  it('makes no folders', () => {
    withFolder((folder) => {
      const missing = join(folder, 'some', 'missing');
      const { status, out, err } = runCli(['report', '-o', join(missing, 'x.html'), DUMP]);
      assert.deepEqual([status, out], [1, '']);
      assert.equal(err.split('\n')[0], `error: -o ${join(missing, 'x.html')}: there is no folder ${missing}`);
      assert.match(err, new RegExp(`mkdir -p ${missing}`));
      assert.deepEqual(readdirSync(folder), []);
    });
  });

  it('writes one file, and says what is in it', () => {
    withFolder((folder) => {
      const file = join(folder, 'out.html');
      writeFileSync(file, 'old');
      symlinkSync(file, join(folder, 'link.html'));
      const { status, out, err } = runCli(['report', '-o', join(folder, 'link.html'), DUMP]);
      assert.deepEqual([status, out], [0, '']);
      assert.equal(err, `${join(folder, 'link.html')}: 3 service ports, 3 errors, 2 warnings, 3 notes\n`);
      assert.match(readFileSync(file, 'utf8'), /^<!DOCTYPE html>\n<html lang="en">/);
      assert.deepEqual(readdirSync(folder), ['link.html', 'out.html']);
      assert.equal(runCli(['report', '-q', '-o', file, DUMP]).err, '');
    });
  });

  it('writes to standard output where that is no terminal, the same from a pipe', () => {
    const read = runCli(['report', '-q', '-'], { input: readFileSync(DUMP, 'utf8') });
    assert.equal(read.status, 0);
    assert.equal(runCli(['report', '-q', '-o', '-'], { input: readFileSync(DUMP, 'utf8') }).out, read.out);
    assert.equal(runCli(['report', '-q', DUMP]).out.replaceAll(DUMP, '&lt;stdin&gt;'), read.out);
  });

  it('follows a packet as trace does, by names of a snapshot too', () => {
    const byAddress = runCli(['report', '-q', DUMP, '--from', '10.244.1.7', '--to', '10.96.7.7:80/tcp']);
    const trace = textIn(findAll(readHtml(byAddress.out), '#trace')[0] ?? readHtml(''));
    assert.match(trace, /^\nOne packet\ntcp 10\.244\.1\.7:50000 -> 10\.96\.7\.7:80, the first packet of a connection/);
    assert.match(
      trace,
      /Forwarded to 10\.244\.1\.7:8080, masqueraded \(line 57\), hairpin: back to where it came from/,
    );
    const marked = runCli([
      'report',
      '-q',
      DUMP,
      '--from',
      'local',
      '--to',
      '10.96.7.7:80',
      '--mark',
      '0x4000',
      '--reply',
    ]);
    assert.match(marked.out, /the reply to the first packet of a connection, from the node itself, marked 0x4000/);
    const options = [
      '-f',
      `${CASE}/snapshot.json`,
      '--node',
      'node-a',
      '--no-defaults',
      '--cluster-cidr',
      '10.244.0.0/16',
    ];
    const byName = ['--from', '10.244.1.7', '--to', 'svc/kube-system/svc-o1'];
    const named = runCli(['report', '-q', `${CASE}/iptables.save`, ...options, ...byName]);
    assert.equal(named.status, 0, named.err);
    assert.match(named.out, /tcp 10\.244\.1\.7:50000 -&gt; 10\.96\.0\.2:80/);
    assert.match(named.out, /svc-o1 <a class="note" href="#trace">traced<\/a>/);
  });

  it('compares with a snapshot, and looks at connections, as lint does', () => {
    const left = 'golden/lint/endpoint-left/fires';
    const node = ['--node', 'node-a', '--cluster-cidr', '10.244.0.0/16', '--no-defaults'];
    const drift = runCli(['report', '-q', `${left}/dump.rules`, '-f', `${left}/input.yaml`, ...node]);
    assert.match(drift.out, /<code>endpoint-left<\/code>/);
    const ignored = ['--ignore', 'endpoint-left'];
    const silent = runCli(['report', '-q', `${left}/dump.rules`, '-f', `${left}/input.yaml`, ...node, ...ignored]);
    assert.doesNotMatch(silent.out, /<code>endpoint-left<\/code>/);
    const stale = 'golden/lint/conntrack-stale-udp/fires';
    const seen = runCli(['report', '-q', `${stale}/dump.rules`, '--conntrack', `${stale}/conntrack.txt`]);
    assert.match(seen.out, /<code>conntrack-stale-udp<\/code>/);
  });

  it('finds names where rules have no comments, by those of the snapshot', () => {
    withFolder((folder) => {
      const dump = join(folder, 'dump.txt');
      const text = readFileSync(`${CASE}/iptables.save`, 'utf8');
      writeFileSync(dump, text.replaceAll(/ -m comment --comment (?:"[^"]*"|\S+)/g, ''));
      const alone = runCli(['report', '-q', dump]).out;
      assert.doesNotMatch(alone, /kube-system\/svc-o1/);
      const options = ['-f', `${CASE}/snapshot.json`, '--node', 'node-a', '--cluster-cidr', '10.244.0.0/16'];
      const { out } = runCli(['report', '-q', dump, ...options]);
      assert.match(out, /<th scope="row">kube-system\/svc-o1<\/th>/);
      assert.match(out, /found by the hash in the names of its chains/);
    });
  });

  const refused: Readonly<Record<string, readonly [args: readonly string[], message: RegExp]>> = {
    'a packet with one end': [[DUMP, '--from', '10.0.0.1'], /a packet has two ends: there is --from, and no --to/],
    'a rule that is not there': [
      [DUMP, '--ignore', 'endpoint-lef'],
      /there is no such rule\n.*Did you mean endpoint-left\?/,
    ],
    'standard input twice': [['-', '--conntrack', '-'], /standard input can be read once only/],
    'an output that is an input': [['-o', `./${DUMP}`, DUMP], /would take the place of what is read/],
    'no number of drawings': [[DUMP, '--draw', '-1'], /whole number, 0 for no drawing/],
    'names without a snapshot': [
      [DUMP, '--from', 'pod/a/b', '--to', '10.0.0.1:1'],
      /is a name, and a dump has no names/,
    ],
    'a packet of a family without rules': [[DUMP, '--from', 'fd00::1', '--to', '[fd00::2]:80'], /has no IPv6 rules/],
    'a packet and two dumps of its family': [
      [DUMP, 'golden/decode/no-comments/input.rules', '--from', '10.0.0.1', '--to', '10.96.7.7:80'],
      /a packet goes through the rules of one dump, and .* are of its family/,
    ],
    'a dump that is not there': [['no-such-dump'], /cannot read no-such-dump/],
    'a reply of a later packet': [
      [DUMP, '--from', '10.0.0.1', '--to', '10.96.7.7:80', '--reply', '--ctstate', 'invalid'],
      /leave out --ctstate invalid/,
    ],
  };
  for (const [what, [args, message]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      const { status, out, err } = runCli(['report', ...args]);
      assert.deepEqual([status, out], [1, '']);
      assert.match(err, message);
    });
  }

  it('writes nothing of what is no dump, and says on the page what could not be read', () => {
    const nothing = runCli(['report', '-'], { input: 'hello\n' });
    assert.deepEqual([nothing.status, nothing.out], [1, '']);
    const text = readFileSync(DUMP, 'utf8').replace('COMMIT', '-A <b>');
    const part = runCli(['report', '-'], { input: text.replace('*nat', 'COMMIT\n*nat\n-A') });
    assert.equal(part.status, 1);
    assert.match(part.out, /<h2>Not read<\/h2>/);
    assert.match(part.err, /error\[/);
    readHtml(part.out);
  });
});
