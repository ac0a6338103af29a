import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, printRules, type CompileOptions, type Diagnostic, type IpFamily } from 'chainsmith';
import { ROOT } from '../../scripts/docs/pages.ts';
import { readSources } from '../../src/host/sources/read-sources.ts';
import { commandsIn } from './support.ts';

const EXAMPLES = join(ROOT, 'examples');

interface Compiled {
  readonly rules: ReadonlyMap<IpFamily, string>;
  readonly diagnostics: readonly Diagnostic[];
}

async function compileExample(name: string, options: CompileOptions = {}): Promise<Compiled> {
  const { documents, locations, diagnostics: read } = await readSources([join(EXAMPLES, name)]);
  const config = { clusterCIDR: name === 'acme-fitness' ? '10.2.0.0/16' : '10.244.0.0/16,fd00:10:244::/56' };
  const { rules, diagnostics } = compile(documents, { node: 'node-a', config, locations, ...options });
  return { rules: new Map(rules.map((r) => [r.family, printRules(r)])), diagnostics: [...read, ...diagnostics] };
}

/** `nat 10.0.0.18/32 tcp 5000 default/cart:cart cluster IP`, and nodePorts without address. */
function frontends({ rules }: Compiled, family: IpFamily = 'ipv4'): readonly string[] {
  const nat = /^\*nat\n[^]*/m.exec(rules.get(family) ?? '')?.[0] ?? '';
  const clusterIps = [...nat.matchAll(/^-A KUBE-SERVICES -d (\S+) -p (\S+) .*--comment "([^"]*)" .*--dport (\d+) /gm)];
  const nodePorts = [...nat.matchAll(/^-A KUBE-NODEPORTS -p (\S+) .*--comment "([^"]*)" .*--dport (\d+) /gm)];
  return [
    ...clusterIps.map(([, address, protocol, comment, port]) => `${address} ${protocol} ${port} ${comment}`),
    ...nodePorts.map(([, protocol, comment, port]) => `nodePort ${protocol} ${port} ${comment}`),
  ];
}

function targets({ rules }: Compiled, family: IpFamily = 'ipv4'): readonly string[] {
  return [...(rules.get(family) ?? '').matchAll(/--to-destination (\S+)$/gm)].map((m) => m[1] ?? '').sort();
}

function codesOf({ diagnostics }: Compiled): readonly string[] {
  return [...new Set(diagnostics.map((d) => d.code))].sort();
}

/** What each example must give; a folder without an entry fails. */
const FACTS: { readonly [example: string]: (compiled: Compiled) => void | Promise<void> } = {
  demo: (c) => {
    assert.deepEqual(frontends(c), [
      '10.96.0.80/32 tcp 80 default/web:http cluster IP',
      'nodePort tcp 30080 default/web:http',
    ]);
    assert.equal(targets(c).length, 3);
  },
  'acme-fitness': (c) => {
    assert.deepEqual(frontends(c), [
      '10.0.0.18/32 tcp 5000 default/cart:cart cluster IP',
      '10.0.0.67/32 tcp 8082 default/catalog:catalog cluster IP',
      '10.0.0.122/32 tcp 80 default/frontend:frontend cluster IP',
      '10.0.0.1/32 tcp 443 default/kubernetes:kubernetes cluster IP',
      '10.0.0.101/32 tcp 6000 default/order:order cluster IP',
      '10.0.0.111/32 tcp 9000 default/payment:payment cluster IP',
      '10.0.0.246/32 tcp 8081 default/users:users cluster IP',
      'nodePort tcp 30417 default/frontend:frontend',
    ]);
    assert.ok(targets(c).includes('10.1.146.99:6443'));
    assert.equal(c.diagnostics.filter((d) => d.code === 'headless-service').length, 4);
  },
  'external-web': (c) => {
    assert.deepEqual(frontends(c), ['10.0.0.55/32 tcp 80 default/external-web cluster IP']);
    assert.deepEqual(targets(c), ['10.10.100.100:80', '10.10.100.101:80']);
    assert.ok(codesOf(c).includes('endpoints-mirrored'));
  },
  'my-nginx': (c) => {
    assert.deepEqual(frontends(c), [
      '10.0.162.149/32 tcp 8080 default/my-nginx:http cluster IP',
      '10.0.162.149/32 tcp 443 default/my-nginx:https cluster IP',
      'nodePort tcp 31704 default/my-nginx:http',
      'nodePort tcp 32453 default/my-nginx:https',
    ]);
  },
  'load-balancer': async (c) => {
    assert.deepEqual(frontends(c), [
      '10.43.205.153/32 tcp 8081 default/example:main cluster IP',
      '192.168.0.147/32 tcp 8081 default/example:main loadbalancer IP',
      'nodePort tcp 32255 default/example:main',
    ]);
    assert.match(c.rules.get('ipv4') ?? '', /^-A KUBE-EXT-\w+ -j KUBE-SVL-/m);
    assert.match(c.rules.get('ipv4') ?? '', /health check node port" -m tcp --dport 32101 -j ACCEPT$/m);
    const elsewhere = await compileExample('load-balancer', { node: 'node-c' });
    assert.match(elsewhere.rules.get('ipv4') ?? '', /^-A KUBE-EXTERNAL-SERVICES .*has no local endpoints.* -j DROP$/m);
  },
  headless: (c) => {
    assert.deepEqual([...frontends(c), ...targets(c)], []);
    assert.ok(codesOf(c).includes('headless-service'));
  },
  'external-name': (c) => {
    assert.deepEqual([...frontends(c), ...targets(c)], []);
    assert.equal(c.diagnostics.filter((d) => d.code === 'external-name-service').length, 2);
  },
  'dual-stack': (c) => {
    const nodePort = 'nodePort tcp 30070 default/dual:http';
    assert.deepEqual(frontends(c), ['10.96.0.70/32 tcp 80 default/dual:http cluster IP', nodePort]);
    assert.deepEqual(frontends(c, 'ipv6'), ['fd00:10:96::70/128 tcp 80 default/dual:http cluster IP', nodePort]);
    assert.deepEqual(targets(c, 'ipv6'), ['[fd00:10:244:1::71]:8080', '[fd00:10:244::71]:8080']);
  },
  'session-affinity': (c) => {
    assert.deepEqual(frontends(c), ['10.96.0.90/32 tcp 80 default/sticky cluster IP']);
    assert.equal([...(c.rules.get('ipv4') ?? '').matchAll(/-m recent --rcheck --seconds 600 --reap/g)].length, 2);
    assert.equal([...(c.rules.get('ipv4') ?? '').matchAll(/-m recent --set/g)].length, 2);
  },
  'source-ranges': (c) => {
    assert.deepEqual(frontends(c), [
      '10.96.0.100/32 tcp 443 default/partners:https cluster IP',
      '192.0.2.44/32 tcp 443 default/partners:https loadbalancer IP',
      'nodePort tcp 30100 default/partners:https',
    ]);
    const ranges = [...(c.rules.get('ipv4') ?? '').matchAll(/^-A KUBE-FW-\w+ -s (\S+) /gm)].map((m) => m[1]);
    assert.deepEqual(ranges, ['203.0.113.0/24', '198.51.100.16/28']);
  },
  'plain-manifests': (c) => {
    assert.deepEqual(frontends(c), [
      '10.96.127.195/32 tcp 80 default/guestbook cluster IP',
      '10.96.107.213/32 tcp 6379 default/guestbook-store cluster IP',
      'nodePort tcp 30218 default/guestbook',
    ]);
    assert.deepEqual(targets(c), ['10.244.0.51:8080', '10.244.1.51:8080', '10.244.1.61:6379']);
    const notes = [
      'cluster-ip-allocated',
      'defaults-applied',
      'endpoints-from-pods',
      'kind-passed-over',
      'node-port-allocated',
    ];
    assert.deepEqual(codesOf(c), notes);
  },
};

const names = readdirSync(EXAMPLES, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? [e.name] : []));

describe('examples', () => {
  it('are all listed, and nothing else is', () => {
    assert.deepEqual(names.toSorted(), Object.keys(FACTS).toSorted());
    const table = readFileSync(join(EXAMPLES, 'README.md'), 'utf8');
    const listed = [...table.matchAll(/^\| \[([a-z-]+)\]\(\1\) \|/gm)].map((m) => m[1] ?? '');
    assert.deepEqual(listed.toSorted(), names.toSorted());
  });

  for (const name of names) {
    it(`${name} compiles without errors to what it promises`, async () => {
      const compiled = await compileExample(name);
      assert.deepEqual(
        compiled.diagnostics.filter((d) => d.severity !== 'info'),
        [],
      );
      await FACTS[name]?.(compiled);
    });
  }

  it('say in the first comment of each file which command shows them', () => {
    for (const name of names.filter((n) => n !== 'demo')) {
      for (const file of readdirSync(join(EXAMPLES, name))) {
        const comment = /^(#.*\n)+/.exec(readFileSync(join(EXAMPLES, name, file), 'utf8'))?.[0] ?? '';
        const [command, ...more] = comment.split('\n').flatMap((line) => commandsIn(line));
        assert.ok(command?.words.join(' ').startsWith(`compile -f examples/${name} `), `${name}/${file}`);
        assert.ok(more.length <= 1 && comment.includes('# Look for: '), `${name}/${file}`);
      }
    }
  });

  it('can be compiled together', async () => {
    const { documents } = await readSources([EXAMPLES]);
    const { diagnostics } = compile(documents, { node: 'node-a' });
    assert.deepEqual(
      diagnostics.filter((d) => d.severity === 'error'),
      [],
    );
  });
});
