import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from '../../../../src/core/analyze/decode/decode.ts';
import { chainJumps } from '../../../../src/core/analyze/report/chain-jumps.ts';
import { serviceGraph } from '../../../../src/core/analyze/report/service-graph.ts';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { goldenRoot } from '../../../support/golden-paths.ts';

/** Each edge as `FROM -> TO`, with its label behind it; the nodes by their first lines. */
function edgesOf(text: string, name: string): readonly string[] {
  const { ruleset } = parseIptablesSave(text, { file: 'dump', family: 'ipv4' });
  const port = decode(ruleset).servicePorts.find((one) => one.name === name);
  assert.ok(port !== undefined, name);
  const { nodes, edges } = serviceGraph(port, chainJumps(ruleset), {
    frontend: ({ kind, address, port: number }) => [`${kind} ${address ?? ''}:${number}`],
    share: ({ oneOf, ratio }) => (oneOf === undefined ? String(ratio) : `1/${oneOf}`),
  });
  const labels = new Map(nodes.map(({ id, label }) => [id, label.join(' ')]));
  return edges.map(({ from, to, label }) => {
    const words = [labels.get(from) ?? '?', '->', labels.get(to) ?? '?', ...label.map((line) => `[${line}]`)];
    return words.join(' ').replaceAll(/(KUBE-[A-Z]+)-[A-Z0-9]{16}/g, '$1');
  });
}

function golden(folder: string, service: string): readonly string[] {
  return edgesOf(readFileSync(join(goldenRoot, 'decode', folder, 'input.rules'), 'utf8'), service);
}

describe('serviceGraph', () => {
  it('leads from addresses through all chains to endpoints', () => {
    assert.deepEqual(golden('load-balancer-1-36', 'shop/web:http'), [
      'cluster-ip 10.96.7.7:80 -> KUBE-SVC',
      'load-balancer-ip 198.51.100.7:80 -> KUBE-FW',
      'load-balancer-ip 198.51.100.7:80 -> DROP not from its source ranges [else]',
      'node-port :30080 -> KUBE-EXT',
      'KUBE-FW -> KUBE-EXT [-s 203.0.113.0/24] [-s 198.51.100.7/32]',
      'KUBE-EXT -> KUBE-SVC [-s 10.244.0.0/16] [--src-type LOCAL]',
      'KUBE-EXT -> KUBE-SVL',
      'KUBE-SVC -> 10.244.0.5:8080 (this node) KUBE-SEP [1/3]',
      'KUBE-SVL -> 10.244.0.5:8080 (this node) KUBE-SEP [1/1]',
      'KUBE-SVC -> 10.244.1.7:8080 KUBE-SEP [1/3]',
      'KUBE-SVC -> 10.244.2.9:8080 KUBE-SEP [1/3]',
    ]);
  });

  it('ends where packets are refused', () => {
    assert.deepEqual(golden('load-balancer-1-36', 'shop/cart'), [
      'cluster-ip 10.96.7.8:6379 -> REJECT no endpoints',
      'node-port :30637 -> REJECT no endpoints',
    ]);
  });

  const service = (endpoints: number, rules = ''): string => {
    const each = Array.from({ length: endpoints }, (_, i) => i);
    return `*nat
:KUBE-SERVICES - [0:0]
:KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]
${each.map((i) => `:KUBE-SEP-${String(i).padStart(16, 'A')} - [0:0]\n`).join('')}-A PREROUTING -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "a/b cluster IP" -m tcp --dport 80 -j KUBE-SVC-AAAAAAAAAAAAAAAA
${rules}${each
      .map((i) => {
        const chance = i === endpoints - 1 ? '' : ` -m statistic --mode random --probability ${1 / (endpoints - i)}`;
        const chain = `KUBE-SEP-${String(i).padStart(16, 'A')}`;
        return `-A KUBE-SVC-AAAAAAAAAAAAAAAA -m comment --comment "a/b"${chance} -j ${chain}\n-A ${chain} -p tcp -m tcp -j DNAT --to-destination 10.244.0.${i}:80\n`;
      })
      .join('')}COMMIT
`;
  };

  it('draws twelve endpoints, or eleven and a note', () => {
    assert.equal(edgesOf(service(12), 'a/b').length, 13);
    const many = edgesOf(service(40), 'a/b');
    assert.equal(many.length, 13);
    assert.equal(many.at(-1), 'KUBE-SVC -> and 29 more endpoints [1/40 each]');
  });

  it('draws no more chains than fit on a page', () => {
    const names = Array.from({ length: 100 }, (_, i) => `KUBE-SVC-${String(i).padStart(16, 'B')}`);
    const chain = ['KUBE-SVC-AAAAAAAAAAAAAAAA', ...names];
    const rules = names.map((name, i) => `-A ${chain[i]} -m comment --comment "a/b" -j ${name}\n`).join('');
    const text = service(1, rules).replace('*nat\n', `*nat\n${names.map((name) => `:${name} - [0:0]\n`).join('')}`);
    const nodes = new Set(edgesOf(text, 'a/b').flatMap((edge) => edge.replace(/ \[.*/, '').split(' -> ')));
    assert.ok(nodes.size > 0 && nodes.size < 60, `${nodes.size}`);
    assert.ok(edgesOf(text, 'a/b').length < 100);
  });

  it('shows packets that get no endpoint', () => {
    const leaky = service(1).replace(
      / -m comment --comment "a\/b"(?= -j KUBE-SEP)/,
      '$& -m statistic --mode random --probability 0.25',
    );
    assert.deepEqual(edgesOf(leaky, 'a/b').slice(-2), [
      'KUBE-SVC -> 10.244.0.0:80 KUBE-SEP [1/4]',
      'KUBE-SVC -> no endpoint [0.75]',
    ]);
  });

  it('says which chains are not in the dump', () => {
    const cut = service(1).replaceAll(/^(?:-A |:)KUBE-S(?:VC|EP)-.*\n/gm, '');
    assert.deepEqual(edgesOf(cut, 'a/b'), ['cluster-ip 10.96.0.1:80 -> KUBE-SVC not in the dump']);
  });

  it('is the same each time', () => {
    assert.deepEqual(edgesOf(service(40), 'a/b'), edgesOf(service(40), 'a/b'));
  });
});
