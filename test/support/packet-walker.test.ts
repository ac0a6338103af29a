import { strict as assert } from 'node:assert';
import { scaleTo, walkPacket, type Outcome, type Packet, type WalkedNode } from './packet-walker.ts';
import { shareFaults } from './golden-flows.ts';

const NODE: WalkedNode = { localAddresses: ['192.0.2.1'] };
const PACKET: Packet = {
  source: '10.0.0.9',
  destination: '10.96.0.1',
  protocol: 'tcp',
  port: 80,
  inInterface: 'eth0',
};

interface Rules {
  readonly nat?: readonly string[];
  readonly filter?: readonly string[];
}

/** A rule set around a few rules; every KUBE- chain that is mentioned is declared. */
function ruleset({ nat = [], filter = [] }: Rules): string {
  const table = (name: string, builtIn: readonly string[], rules: readonly string[]): string => {
    const own = new Set(rules.flatMap((rule) => [...rule.matchAll(/KUBE-[A-Z0-9]+/gu)].map(([chain]) => chain)));
    const chains = [...builtIn.map((c) => `:${c} ACCEPT [0:0]`), ...[...own].map((c) => `:${c} - [0:0]`)];
    return [`*${name}`, ...chains, ...rules, 'COMMIT', ''].join('\n');
  };
  return (
    table('filter', ['INPUT', 'FORWARD', 'OUTPUT'], filter) +
    table('nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], nat)
  );
}

function walk(rules: Rules, packet: Partial<Packet> = {}, node: Partial<WalkedNode> = {}): readonly Outcome[] {
  return walkPacket(ruleset(rules), { ...PACKET, ...packet }, { ...NODE, ...node });
}

function verdicts(rules: Rules, packet: Partial<Packet> = {}, node: Partial<WalkedNode> = {}): readonly string[] {
  return walk(rules, packet, node).map(({ verdict }) =>
    verdict.kind === 'endpoint'
      ? `${verdict.endpoint}${verdict.masquerade ? ' masqueraded' : ''}`
      : `${verdict.kind}${verdict.kind === 'untouched' && verdict.masquerade ? ' masqueraded' : ''}`,
  );
}

const dnat = (chain: string, match = '', to = '10.0.0.1:8080'): string =>
  `-A ${chain} ${match}${match === '' ? '' : ' '}-p tcp -m tcp -j DNAT --to-destination ${to}`;

describe('packet walker', () => {
  it('lets a packet that matches nothing pass', () => {
    assert.deepEqual(verdicts({}), ['untouched']);
  });

  it('takes packets of the node through OUTPUT and others through PREROUTING', () => {
    const rules = { nat: [dnat('PREROUTING', '', '10.0.0.1:1'), dnat('OUTPUT', '', '10.0.0.2:2')] };
    assert.deepEqual(verdicts(rules), ['10.0.0.1:1']);
    assert.deepEqual(verdicts(rules, { source: '192.0.2.1' }), ['10.0.0.2:2']);
    assert.deepEqual(verdicts(rules, { source: '127.0.0.1', destination: '127.0.0.1' }), ['10.0.0.2:2']);
  });

  it('takes packets to the node through INPUT and others through FORWARD', () => {
    const rules = { filter: ['-A INPUT -j DROP'] };
    assert.deepEqual(verdicts(rules), ['untouched']);
    assert.deepEqual(verdicts(rules, { destination: '192.0.2.1' }), ['drop']);
    assert.deepEqual(verdicts({ filter: ['-A FORWARD -j DROP'] }), ['drop']);
    assert.deepEqual(verdicts({ filter: ['-A OUTPUT -j DROP'] }, { source: '192.0.2.1' }), ['drop']);
  });

  it('routes by the new destination', () => {
    const rules = { nat: [dnat('PREROUTING', '', '192.0.2.1:8080')], filter: ['-A FORWARD -j DROP'] };
    assert.deepEqual(verdicts(rules), ['192.0.2.1:8080']);
  });

  const cases: readonly (readonly [match: string, packet: Partial<Packet>, matches: boolean])[] = [
    ['-s 10.0.0.0/8', {}, true],
    ['-s 10.0.0.8/32', {}, false],
    ['! -s 10.0.0.0/8', {}, false],
    ['! -s 10.0.0.8/32', {}, true],
    ['-d 10.96.0.1/32', {}, true],
    ['! -d 10.96.0.1/32', {}, false],
    ['-i eth0', {}, true],
    ['-i eth', {}, false],
    ['-i eth+', {}, true],
    ['! -i eth+', {}, false],
    ['-p tcp -m tcp --dport 80', {}, true],
    ['-p tcp -m tcp --dport 81', {}, false],
    ['-p udp -m udp --dport 80', {}, false],
    ['-p sctp -m sctp --dport 80', { protocol: 'sctp' }, true],
    ['-m conntrack --ctstate NEW', {}, true],
    ['-m conntrack --ctstate INVALID', {}, false],
    ['-m conntrack --ctstate RELATED,ESTABLISHED', {}, false],
    ['-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT', {}, true],
    ['-m addrtype --dst-type LOCAL', {}, false],
    ['-m addrtype --dst-type LOCAL', { destination: '192.0.2.1' }, true],
    ['-m addrtype --src-type LOCAL', {}, false],
    ['-m mark --mark 0x4000/0x4000', {}, false],
    ['-m mark ! --mark 0x4000/0x4000', {}, true],
    ['-m comment --comment "-j ACCEPT"', {}, true],
    ['-m nfacct --nfacct-name  counter', {}, true],
  ];
  for (const [match, packet, matches] of cases) {
    it(`${match}: ${matches ? 'matches' : 'does not match'} ${JSON.stringify(packet)}`, () => {
      const found = verdicts({ filter: [`-A FORWARD ${match} -j DROP`, `-A INPUT ${match} -j DROP`] }, packet);
      assert.deepEqual(found, [matches ? 'drop' : 'untouched']);
    });
  }

  it('knows no interface where the node sends', () => {
    const rules = { nat: ['-A OUTPUT -i eth0 -j KUBE-A', '-A OUTPUT ! -i eth0 -j KUBE-B', dnat('KUBE-B')] };
    assert.deepEqual(verdicts({ nat: [...rules.nat, dnat('KUBE-A', '', '10.0.0.2:2')] }, { source: '192.0.2.1' }), [
      '10.0.0.1:8080',
    ]);
  });

  it('sees that a connection was translated', () => {
    const filter = ['-A FORWARD -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP'];
    assert.deepEqual(verdicts({ nat: [dnat('PREROUTING')], filter }), ['10.0.0.1:8080']);
  });

  it('comes back from a chain, by its end and by RETURN', () => {
    const filter = ['-A FORWARD -j KUBE-A', '-A FORWARD -j DROP', '-A KUBE-A -j RETURN', '-A KUBE-A -j ACCEPT'];
    assert.deepEqual(verdicts({ filter }), ['drop']);
    assert.deepEqual(verdicts({ filter: filter.slice(0, 2).concat('-A KUBE-A -s 1.2.3.4/32 -j ACCEPT') }), ['drop']);
    assert.deepEqual(verdicts({ filter: [...filter.slice(0, 2), '-A KUBE-A -j ACCEPT'] }), ['untouched']);
  });

  it('goes on behind a rule without a target', () => {
    const filter = [
      '-A FORWARD -m comment --comment "nothing"',
      '-A FORWARD -j REJECT --reject-with icmp-port-unreachable',
    ];
    assert.deepEqual(verdicts({ filter }), ['reject']);
  });

  it('carries the mark, the highest bit too, and masquerades by it', () => {
    for (const mark of ['0x1', '0x4000', '0x80000000']) {
      const nat = [
        `-A PREROUTING -j MARK --set-xmark ${mark}/${mark}`,
        dnat('PREROUTING'),
        '-A POSTROUTING -j KUBE-P',
        `-A KUBE-P -m mark ! --mark ${mark}/${mark} -j RETURN`,
        `-A KUBE-P -j MARK --set-xmark ${mark}/0x0`,
        '-A KUBE-P -j MASQUERADE --random-fully',
      ];
      assert.deepEqual(verdicts({ nat }), ['10.0.0.1:8080 masqueraded']);
      assert.deepEqual(verdicts({ nat: nat.slice(1) }), ['10.0.0.1:8080']);
    }
  });

  it('counts shares exactly', () => {
    const random = '-m statistic --mode random --probability';
    const nat = [
      dnat('PREROUTING', `${random} 0.33333333349`, '10.0.0.1:1'),
      dnat('PREROUTING', `${random} 0.50000000000`, '10.0.0.2:1'),
      dnat('PREROUTING', '', '10.0.0.3:1'),
    ];
    const outcomes = walk({ nat });
    assert.deepEqual(
      outcomes.map((o) => scaleTo(o.share, 62)),
      [715_827_883n << 31n, 1_431_655_765n << 30n, 1_431_655_765n << 30n],
    );
    assert.deepEqual(shareFaults(outcomes), []);
    const uneven = walk({ nat: [nat[1] ?? '', dnat('PREROUTING', `${random} 0.50000000000`, '10.0.0.9:1')] });
    assert.equal(shareFaults(uneven).length, 3);
    assert.deepEqual(shareFaults(outcomes.slice(1)), ['the shares do not add up to 1']);
  });

  it('finds the share of an outcome that several paths lead to', () => {
    const nat = [
      dnat('PREROUTING', '-m statistic --mode random --probability 0.50000000000'),
      dnat('PREROUTING', '-m statistic --mode random --probability 0.50000000000'),
    ];
    assert.deepEqual(
      walk({ nat }).map((o) => scaleTo(o.share, 62)),
      [3n << 60n, 1n << 60n],
    );
  });

  it('finds a client in the list of the endpoint it was sent to', () => {
    const recent = '--name KUBE-E --mask 255.255.255.255 --rsource';
    const nat = [
      `-A PREROUTING -m recent --rcheck --seconds 600 --reap ${recent} -j KUBE-E`,
      dnat('PREROUTING', '', '10.0.0.2:1'),
      dnat('KUBE-E', `-m recent --set ${recent}`),
    ];
    assert.deepEqual(verdicts({ nat }), ['10.0.0.2:1']);
    assert.deepEqual(verdicts({ nat }, {}, { remembered: '10.0.0.1:8080' }), ['10.0.0.1:8080']);
  });

  it('walks IPv6', () => {
    const packet = { source: 'fd00::9', destination: 'fd00:96::1' };
    const nat = [dnat('PREROUTING', '-d fd00:96::1/128', '[fd00::1]:8080')];
    assert.deepEqual(verdicts({ nat }, packet), ['[fd00::1]:8080']);
    assert.deepEqual(verdicts({ nat }), ['untouched']);
  });

  const unknown = [
    '-A FORWARD -m physdev --physdev-is-in -j DROP',
    '-A FORWARD -o eth0 -j DROP',
    '-A FORWARD -j LOG',
    '-A FORWARD -g KUBE-A',
    '-A FORWARD -p icmp -j DROP',
    '-A FORWARD --dport 80 -j DROP',
    '-A FORWARD ! -p tcp -j DROP',
    '-A FORWARD -m addrtype --dst-type BROADCAST -j DROP',
    '-A FORWARD -m statistic --mode nth --every 2 -j DROP',
    '-A FORWARD -m statistic --mode random --probability 0.3 -j DROP',
    '-A FORWARD -m statistic --mode random -j DROP',
    '-A FORWARD -m recent --update --name A --mask 255.255.255.255 --rsource -j DROP',
    '-A FORWARD -m mark --mark 16384 -j DROP',
    '-A FORWARD -j REJECT',
    '-A FORWARD -j REJECT --reject-with tcp-reset',
    '-A FORWARD -j DNAT --to-destination 10.0.0.1:80',
    '-A FORWARD -j MASQUERADE',
    '-A FORWARD -m comment --comment "open -j DROP',
  ];
  for (const rule of unknown) {
    it(`refuses what it does not know: ${rule}`, () => {
      assert.throws(() => walk({ filter: [rule] }));
    });
  }

  it('refuses jumps to chains that are not there, and other policies', () => {
    const text = ruleset({ filter: ['-A FORWARD -j KUBE-A'] });
    assert.throws(() => walkPacket(text.replace(':KUBE-A - [0:0]\n', ''), PACKET, NODE), /no chain/u);
    assert.throws(() => walkPacket(text.replace(':FORWARD ACCEPT', ':FORWARD DROP'), PACKET, NODE), /policy/u);
  });
});
