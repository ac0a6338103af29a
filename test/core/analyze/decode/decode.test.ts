import assert from 'node:assert/strict';
import { decode } from '../../../../src/core/analyze/decode/decode.ts';
import type { DecodedRules, DecodedServicePort } from '../../../../src/core/analyze/decode/decoded-rules.ts';
import { exactShare } from '../../../../src/core/analyze/decode/share.ts';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { endpointChainName, serviceChainNames } from '../../../../src/core/ruleset/service-chain-names.ts';

function decodeNat(...rules: readonly string[]): DecodedRules {
  return decode(parseIptablesSave(`*nat\n${rules.map((rule) => `-A ${rule}\n`).join('')}COMMIT\n`).ruleset);
}

function only({ servicePorts }: DecodedRules): DecodedServicePort {
  const [port, ...more] = servicePorts;
  assert.equal(more.length, 0);
  return port ?? assert.fail('no service port');
}

const DNS = { name: 'kube-system/kube-dns:dns', protocol: 'udp' };
const { cluster: SVC, external: EXT, local: SVL } = serviceChainNames(DNS);
const SEP = endpointChainName(DNS, '10.244.0.2:53');

const toCluster = `KUBE-SERVICES -d 10.96.0.10/32 -p udp -m udp --dport 53 -j ${SVC}`;
const toEndpoint = `${SEP} -p udp -m udp -j DNAT --to-destination 10.244.0.2:53`;

describe('decode', () => {
  it('names a Service by the hash of its chain: of what every cluster has, and of names that are given', () => {
    const port = only(decodeNat(toCluster, `${SVC} -j ${SEP}`, toEndpoint));
    assert.deepEqual([port.name, port.namedBy, port.hashAgrees], ['kube-system/kube-dns:dns', 'hash', true]);
    assert.equal(port.endpoints[0]?.hashAgrees, true);

    const mine = serviceChainNames({ name: 'a/b:', protocol: 'tcp' }).cluster;
    const { ruleset } = parseIptablesSave(
      `*nat\n-A KUBE-SERVICES -d 10.0.0.1/32 -p tcp --dport 80 -j ${mine}\nCOMMIT\n`,
    );
    assert.equal(only(decode(ruleset)).name, '10.0.0.1:80/tcp');
    const named = only(decode(ruleset, { names: ['x/y', 'a/b'] }));
    assert.deepEqual([named.name, named.portName, named.namedBy], ['a/b', '', 'hash']);
  });

  it('sees that chains are named after something else than the comment', () => {
    const rule = toCluster.replace('-j', '-m comment --comment "shop/web:http cluster IP" -j');
    const port = only(decodeNat(rule, `${SVC} -j ${SEP}`, toEndpoint));
    assert.deepEqual([port.name, port.hashAgrees], ['shop/web:http', false]);
    assert.equal(port.endpoints[0]?.hashAgrees, false);
  });

  it('finds an endpoint whose DNAT rule is gone by the hash', () => {
    const port = only(decodeNat(toCluster, `${SVC} -j ${SEP}`, `${SEP} -s 10.244.0.2/32 -j KUBE-MARK-MASQ`));
    const [endpoint] = port.endpoints;
    assert.deepEqual([endpoint?.text, endpoint?.knownBy, endpoint?.hairpin], ['10.244.0.2:53', 'hash', true]);
  });

  it('does not take a rule for another address, or with conditions, for a hairpin rule', () => {
    const hairpin = (...rules: readonly string[]): boolean | undefined =>
      only(decodeNat(toCluster, `${SVC} -j ${SEP}`, ...rules)).endpoints[0]?.hairpin;
    const own = `${SEP} -s 10.244.0.2/32 -j KUBE-MARK-MASQ`;
    assert.equal(hairpin(own, toEndpoint), true);
    assert.equal(hairpin(toEndpoint), false);
    assert.equal(hairpin(), undefined);
    assert.equal(hairpin(own.replace('0.2/32', '0.3/32'), toEndpoint), false);
    assert.equal(hairpin(own.replace('0.2/32', '0.0/24'), toEndpoint), false);
    assert.equal(hairpin(own.replace('-s', '! -s'), toEndpoint), false);
    assert.equal(hairpin(own.replace('-j', '-m limit --limit 1/sec -j'), toEndpoint), false);
    // What is sent on is not marked any more.
    assert.equal(hairpin(toEndpoint, own), false);
  });

  it('gives shares of draws within draws, and of what comes back from a chain', () => {
    const port = only(
      decodeNat(
        'KUBE-SERVICES -d 10.0.0.1/32 -p tcp -m tcp --dport 80 -j A',
        'A -m statistic --mode random --probability 0.25 -j B',
        'A -m statistic --mode random --probability 0.5 -j C',
        'A -p tcp -j DNAT --to-destination 10.1.0.1:80',
        'B -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.1.0.2:80',
        'B -j RETURN',
        'C -m statistic --mode nth --every 3 --packet 0 -j DNAT --to-destination 10.1.0.3:80',
        'C -m statistic --mode random ! --probability 0.75 -j DNAT --to-destination 10.1.0.4:80',
      ),
    );
    const shares = port.endpoints.map(({ text, cluster }) => {
      const exact = cluster === undefined ? undefined : exactShare(cluster);
      return `${text} ${exact?.numerator}/${exact?.denominator}`;
    });
    // A quarter goes to B, half of which comes back, behind the three quarters that did not go: 7/8. Half of these go to C.
    assert.deepEqual(shares, ['10.1.0.2:80 1/8', '10.1.0.3:80 7/48', '10.1.0.4:80 7/96', '10.1.0.1:80 21/32']);
    assert.equal(port.cluster?.lost, undefined);
    assert.equal(port.endpoints[0]?.cluster?.oneOf, 8);
  });

  it('tells the policies apart by what rules do, in chains of any name', () => {
    const port = only(
      decodeNat(
        'KUBE-NODEPORTS -p tcp -m tcp --dport 30080 -j OUT',
        'OUT -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ',
        'OUT -m addrtype --src-type LOCAL -j ALL',
        'OUT -j HERE',
        'ALL -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.1.0.1:80',
        'ALL -j DNAT --to-destination 10.1.0.2:80',
        'HERE -j DNAT --to-destination 10.1.0.3:80',
      ),
    );
    assert.equal(port.externalPolicy, 'Local');
    assert.deepEqual(port.frontends[0]?.routes, { pod: 'local', node: 'cluster', outside: 'local' });
    assert.deepEqual(port.frontends[0]?.masquerade.kind, 'node');
    assert.deepEqual([port.cluster?.chain, port.local?.chain], ['ALL', 'OUT']);
    assert.deepEqual(
      port.endpoints.map(({ text, isLocal }) => [text, isLocal]),
      [
        ['10.1.0.1:80', false],
        ['10.1.0.2:80', false],
        ['10.1.0.3:80', true],
      ],
    );
  });

  it('follows gotos, behind which nothing comes back', () => {
    const rules = [`${EXT} -g ${SVC}`, `${EXT} -j ${SVL}`, `${SVL} -j ${SEP}`, toEndpoint];
    const port = only(
      decodeNat(`KUBE-NODEPORTS -p udp -m udp --dport 30053 -j ${EXT}`, `${SVC} -m comment --comment x`, ...rules),
    );
    assert.deepEqual(port.frontends[0]?.routes.outside, 'none');
  });

  it('knows how Pods are told by an interface, and what is masqueraded', () => {
    const rules = [`${SVC} ! -i cni0 -d 10.96.0.10/32 -p udp -m udp --dport 53 -j KUBE-MARK-MASQ`, `${SVC} -j ${SEP}`];
    const decoded = decodeNat(toCluster, ...rules, toEndpoint);
    assert.deepEqual(decoded.node.localDetectors, ['-i cni0']);
    const { kind, conditions, lines } = only(decoded).masquerade ?? assert.fail();
    assert.deepEqual([kind, conditions, lines], ['except', ['-i cni0'], [3]]);
    const all = decodeNat(toCluster, rules[0]?.replace('! -i cni0 ', '') ?? '', rules[1] ?? '', toEndpoint);
    assert.equal(only(all).masquerade?.kind, 'all');
    const late = decodeNat(toCluster, rules[1] ?? '', rules[0] ?? '', toEndpoint);
    assert.equal(only(late).masquerade?.kind, 'none');
    const partly = decodeNat(
      toCluster,
      rules[1]?.replace('-j', '-m statistic --mode random --probability 0.5 -j') ?? '',
      ...rules,
      toEndpoint,
    );
    assert.equal(only(partly).masquerade?.kind, 'some');
    const other = decodeNat(toCluster, rules[0]?.replace('0.10/32', '0.11/32') ?? '', rules[1] ?? '', toEndpoint);
    assert.equal(only(other).masquerade?.kind, 'none');
  });

  it('joins rules without comments by address', () => {
    const { ruleset } = parseIptablesSave(
      `*nat\n-A ${toCluster}\nCOMMIT\n*filter\n-A KUBE-SERVICES -d 10.96.0.10/32 -p udp --dport 53 -j REJECT\nCOMMIT\n`,
    );
    const port = only(decode(ruleset));
    assert.equal(port.frontends.length, 1);
    assert.equal(port.frontends[0]?.refusal?.verdict, 'reject');
    assert.deepEqual(port.frontends[0]?.lines, [2, 5]);
  });

  it('reads trees of chains that list Services', () => {
    const decoded = decodeNat(
      'KUBE-SERVICES -d 10.96.0.0/24 -j TREE',
      'TREE -d 10.96.0.10/32 -j LEAF',
      `LEAF -p udp -m udp --dport 53 -j ${SVC}`,
    );
    const [frontend] = only(decoded).frontends;
    assert.deepEqual([frontend?.address, frontend?.port, frontend?.chain], ['10.96.0.10', 53, SVC]);
    assert.deepEqual(frontend?.conditions, ['-d 10.96.0.0/24']);
  });
});
