import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lintRules } from '../../src/core/analyze/lint/lint-rules.ts';
import { fieldOf, isMapping } from '../../src/core/util/mapping.ts';
import { runCli, withFolder } from './run-cli.ts';

const FIRES = 'golden/lint/firewall-drops-all/fires/dump.rules';
const CLEAN = 'golden/lint/firewall-drops-all/silent/dump.rules';
const NODE = ['--node', 'node-a', '--cluster-cidr', '10.244.0.0/16', '--no-defaults'];

function list(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = path.reduce(fieldOf, value);
  assert.ok(Array.isArray(found), path.join('.'));
  return found;
}

describe('chainsmith lint', () => {
  it('prints findings with place, rule and advice, and exits with 2', () => {
    const { status, out, err } = runCli(['lint', FIRES]);
    assert.equal(status, 2);
    assert.equal(err, '');
    assert.match(out, /^error\[firewall-drops-all\] golden\/lint\/\S+\/dump\.rules:32 filter KUBE-FIREWALL: /);
    assert.match(out, /^ {4}32 \| -A KUBE-FIREWALL .* -j DROP$/m);
    assert.match(out, /^ {4}fix: Now: iptables -D KUBE-FIREWALL -j DROP\./m);
    assert.match(out, /^1 error, 1 note in \d+ rules; chainsmith explain CODE tells more$/m);
  });

  it('exits with 0 where nothing counts, and with 2 where notes do', () => {
    assert.equal(runCli(['lint', CLEAN]).status, 0);
    assert.equal(runCli(['lint', CLEAN, '--severity', 'info']).status, 2);
    const quiet = runCli(['lint', CLEAN, '--severity', 'info', '--ignore', 'invalid-drop-present']);
    assert.deepEqual([quiet.status, quiet.out], [0, 'nothing found in 32 rules\n']);
    const warned = ['lint', 'golden/lint/random-fully-missing/fires/dump.rules'];
    assert.equal(runCli(warned).status, 2);
    const errors = runCli([...warned, '--severity', 'error']);
    assert.equal(errors.status, 0);
    assert.match(errors.out, /^no error found in \d+ rules\n$/);
  });

  it('tells what --severity asks for, and no less', () => {
    const { status, out } = runCli(['lint', FIRES, '--severity', 'error']);
    assert.equal(status, 2);
    assert.match(out, /^error\[/);
    assert.doesNotMatch(out, /^(?:info|warning)\[/m);
    assert.match(out, /^1 error in \d+ rules;/m);
  });

  it('reads standard input, and several dumps', () => {
    const piped = runCli(['lint'], { input: readFileSync(FIRES, 'utf8') });
    assert.equal(piped.status, 2);
    assert.match(piped.out, /^error\[firewall-drops-all\] <stdin>:32 /);
    assert.equal(runCli(['lint', '-'], { input: readFileSync(FIRES, 'utf8') }).out, piped.out);
    const folder = 'golden/lint/two-variants/fires';
    const both = runCli(['lint', `${folder}/nft.rules`, `${folder}/legacy.rules`]);
    assert.match(both.out, /^error\[two-variants\]/);
    assert.doesNotMatch(runCli(['lint', `${folder}/nft.rules`]).out, /\[two-variants\]/);
  });

  it('compares with a snapshot, and looks at connections', () => {
    const folder = 'golden/lint/endpoint-left/fires';
    const drift = runCli(['lint', `${folder}/dump.rules`, '-f', `${folder}/input.yaml`, ...NODE]);
    assert.equal(drift.status, 2);
    assert.match(drift.out, /^error\[endpoint-left\] .* still leads to 10\.244\.1\.6:8080 /m);
    const stale = 'golden/lint/conntrack-stale-udp/fires';
    const seen = runCli(['lint', `${stale}/dump.rules`, '--conntrack', `${stale}/conntrack.txt`]);
    assert.equal(seen.status, 2);
    assert.match(
      seen.out,
      /^ {4}fix: conntrack -D -p udp --orig-dst 10\.96\.0\.53 --orig-port-dst 53 --reply-src 10\.244\.1\.99$/m,
    );
    assert.match(seen.err, /^warning\[conntrack-bad-line\]/m);
  });

  it('gives 1 for what it cannot read, and says how to do better', () => {
    assert.match(runCli(['lint', 'no-such-file']).err, /no-such-file/);
    assert.equal(runCli(['lint', 'no-such-file']).status, 1);
    const listing = runCli(['lint'], { input: 'Chain INPUT (policy ACCEPT)\ntarget     prot opt source\n' });
    assert.deepEqual([listing.status, listing.out], [1, '']);
    assert.match(listing.err, /error\[dump-wrong-format\]/);
    const typo = runCli(['lint', FIRES, '--ignore', 'firewall-drop-all']);
    assert.equal(typo.status, 1);
    assert.match(typo.err, /there is no such rule\nDid you mean firewall-drops-all\?/);
    assert.match(runCli(['lint', '-', '-f', '-']).err, /standard input can be read once only/);
    const xml = runCli([
      'lint',
      FIRES,
      '--conntrack',
      'golden/lint/conntrack-stale-udp/silent-unreadable/conntrack.txt',
    ]);
    assert.equal(xml.status, 1);
  });

  it('does not call a dump clean that was read in part', () => {
    const cut = readFileSync(CLEAN, 'utf8').split('\n').slice(0, 20).join('\n');
    const { status, err } = runCli(['lint'], { input: cut });
    assert.equal(status, 1);
    assert.match(err, /error\[dump-truncated\]/);
  });

  it('says nothing of a node of whose sets it has only a part', () =>
    withFolder((folder) => {
      const at = (name: string): string => `golden/verify/ipvs-proved/${name}.txt`;
      const cut = join(folder, 'sets.txt');
      const whole = readFileSync(at('sets'), 'utf8');
      const lint = (): ReturnType<typeof runCli> =>
        // Its node port is open beside source ranges.
        runCli([
          'lint',
          at('rules'),
          '--ipvs',
          at('servers'),
          '--ipset',
          cut,
          '-q',
          '--ignore',
          'source-ranges-bypassed',
        ]);
      writeFileSync(cut, whole);
      assert.equal(lint().status, 0);
      for (const text of [whole.slice(0, whole.indexOf('add KUBE-CLUSTER-IP') + 25), whole.split('\n')[0] ?? '']) {
        writeFileSync(cut, text);
        const { status, out, err } = lint();
        assert.deepEqual([status, out], [1, '']);
        assert.match(
          err,
          /^error: \S+ has not all members of the sets that rules ask for: KUBE-CLUSTER-IP.*\ntake it again: ipset save/m,
        );
      }
    }));

  it('lists its rules, and explains each', () => {
    const { status, out } = runCli(['lint', '--list']);
    assert.equal(status, 0);
    assert.equal(out.trimEnd().split('\n').length, lintRules.length);
    assert.match(out, /^endpoint-left +error +connections are sent to an endpoint that is gone \(with -f\)$/m);
    const one = runCli(['explain', 'error[firewall-drops-all]']);
    assert.equal(one.status, 0);
    assert.match(one.out, /^error\[firewall-drops-all\] KUBE-FIREWALL drops every packet\n\nMust hold: /);
    assert.match(one.out, /^To do: /m);
    assert.match(one.out, /kubernetes\/kubernetes#112477/);
    assert.ok(one.out.split('\n').every((line) => line.length <= 80));
  });

  it('prints JSON', () => {
    const { status, out } = runCli(['lint', FIRES, '-o', 'json']);
    assert.equal(status, 2);
    const data: unknown = JSON.parse(out);
    assert.deepEqual(fieldOf(data, 'summary'), { errors: 1, warnings: 0, infos: 1 });
    const [first] = list(data, 'findings');
    assert.equal(fieldOf(first, 'code'), 'firewall-drops-all');
    assert.deepEqual(fieldOf(fieldOf(first, 'place'), 'line'), 32);
    assert.deepEqual(list(data, 'diagnostics'), []);
  });

  it('folds what is too much, unless told not to', () => {
    withFolder((folder) => {
      const path = join(folder, 'dump.txt');
      const dump = readFileSync(FIRES, 'utf8');
      const rule =
        dump.split('\n').find((line) => line.startsWith('-A KUBE-FIREWALL') && line.endsWith('packets" -j DROP')) ?? '';
      writeFileSync(
        path,
        dump.replace(rule, Array.from({ length: 8 }, (_, i) => rule.replace('packets', `packets ${i}`)).join('\n')),
      );
      assert.match(runCli(['lint', path]).out, /^\.\.\. and 3 more firewall-drops-all \(-v shows all\)$/m);
      assert.equal([...runCli(['lint', path, '-v']).out.matchAll(/^error\[/gm)].length, 8);
    });
  });
});

/** What the schema of SARIF 2.1.0 requires of the objects that are used here, and the values that it allows. */
function checkSarif(log: unknown): void {
  assert.equal(fieldOf(log, 'version'), '2.1.0');
  assert.match(String(fieldOf(log, '$schema')), /sarif.*2\.1\.0/);
  for (const run of list(log, 'runs')) {
    const driver = fieldOf(fieldOf(run, 'tool'), 'driver');
    assert.equal(typeof fieldOf(driver, 'name'), 'string');
    const rules = list(driver, 'rules');
    const ids = rules.map((rule) => fieldOf(rule, 'id'));
    assert.equal(new Set(ids).size, ids.length);
    for (const rule of rules) {
      for (const text of ['shortDescription', 'fullDescription', 'help']) {
        assert.equal(typeof fieldOf(fieldOf(rule, text), 'text'), 'string');
      }
      assert.ok(LEVELS.has(String(fieldOf(fieldOf(rule, 'defaultConfiguration'), 'level'))));
    }
    for (const result of list(run, 'results')) {
      assert.equal(typeof fieldOf(fieldOf(result, 'message'), 'text'), 'string');
      assert.ok(LEVELS.has(String(fieldOf(result, 'level'))));
      assert.equal(ids[Number(fieldOf(result, 'ruleIndex'))], fieldOf(result, 'ruleId'));
      for (const name of ['locations', 'relatedLocations']) {
        if (fieldOf(result, name) !== undefined) list(result, name).forEach(checkLocation);
      }
    }
  }
}

const LEVELS: ReadonlySet<string> = new Set(['none', 'note', 'warning', 'error']);

function checkLocation(location: unknown): void {
  const physical = fieldOf(location, 'physicalLocation');
  const uri = fieldOf(fieldOf(physical, 'artifactLocation'), 'uri');
  assert.equal(typeof uri, 'string');
  assert.ok(URL.canParse(String(uri), 'file:///checkout/'));
  const region = fieldOf(physical, 'region');
  if (region === undefined) return;
  const line = fieldOf(region, 'startLine');
  assert.ok(isMapping(region) && Number.isInteger(line) && Number(line) >= 1);
}

describe('chainsmith lint -o sarif', () => {
  it('has what the schema requires, the rules, and the lines', () => {
    const { status, out } = runCli(['lint', FIRES, '-o', 'sarif']);
    assert.equal(status, 2);
    const log: unknown = JSON.parse(out);
    checkSarif(log);
    const [run] = list(log, 'runs');
    assert.equal(list(run, 'tool', 'driver', 'rules').length, lintRules.length);
    const [result] = list(run, 'results');
    assert.equal(fieldOf(result, 'ruleId'), 'firewall-drops-all');
    assert.equal(fieldOf(result, 'level'), 'error');
    const physical = fieldOf(list(result, 'locations')[0], 'physicalLocation');
    assert.deepEqual(fieldOf(physical, 'artifactLocation'), { uri: FIRES });
    assert.equal(fieldOf(fieldOf(physical, 'region'), 'startLine'), 32);
  });

  it('is valid for findings without a line or place, and for odd names of files', () => {
    const folder = 'golden/lint/node-name-mismatch/fires';
    const args = [`${folder}/dump.rules`, '-f', `${folder}/input.yaml`, ...NODE, '-o', 'sarif'];
    checkSarif(JSON.parse(runCli(['lint', ...args]).out));
    withFolder((own) => {
      const path = join(own, 'a dump #1 50%.txt');
      writeFileSync(path, readFileSync('golden/lint/canary-missing/fires/dump.rules'));
      const { out } = runCli(['lint', path, '-o', 'sarif']);
      checkSarif(JSON.parse(out));
      assert.match(out, /file:\/\/\/.*a%20dump%20%231%2050%25\.txt/);
    });
    const piped = runCli(['lint', '-o', 'sarif'], { input: readFileSync(FIRES, 'utf8') });
    checkSarif(JSON.parse(piped.out));
  });
});
