import assert from 'node:assert/strict';
import { parseConntrack } from '../../../../src/core/parse/conntrack/parse-conntrack.ts';

describe('the reader of conntrack -L', () => {
  it('reads both directions, the state and whether there was an answer', () => {
    const { entries, diagnostics } = parseConntrack(
      'tcp      6 86399 ESTABLISHED src=10.244.0.9 dst=10.96.0.10 sport=50001 dport=80 src=10.244.0.5 dst=10.244.0.9 sport=8080 dport=50001 [ASSURED] mark=0 use=1\n' +
        'udp      17 29 src=10.244.0.9 dst=10.96.0.53 sport=4000 dport=53 [UNREPLIED] src=10.244.0.3 dst=10.244.0.9 sport=53 dport=4000 mark=0 use=1\n',
    );
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(entries, [
      {
        protocol: 6,
        original: { source: '10.244.0.9', destination: '10.96.0.10', sourcePort: 50001, destinationPort: 80 },
        reply: { source: '10.244.0.5', destination: '10.244.0.9', sourcePort: 8080, destinationPort: 50001 },
        state: 'ESTABLISHED',
        unreplied: false,
        line: 1,
      },
      {
        protocol: 17,
        original: { source: '10.244.0.9', destination: '10.96.0.53', sourcePort: 4000, destinationPort: 53 },
        reply: { source: '10.244.0.3', destination: '10.244.0.9', sourcePort: 53, destinationPort: 4000 },
        state: undefined,
        unreplied: true,
        line: 2,
      },
    ]);
  });

  it('reads -o extended, /proc/net/nf_conntrack, IPv6, SCTP, protocols without ports, and events', () => {
    const { entries, diagnostics } = parseConntrack(
      [
        'ipv4     2 udp      17 11 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 mark=0 zone=0 use=2',
        'ipv6     10 tcp      6 117 TIME_WAIT src=fd00::1 dst=fd00::2 sport=1 dport=443 src=fd00::3 dst=fd00::1 sport=8443 dport=1 [ASSURED] mark=0 use=1',
        'sctp     132 209 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.3 dst=10.0.0.1 sport=2 dport=1 mark=0 use=1',
        'icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=7 mark=0 use=1',
        '[NEW] udp      17 30 src=10.0.0.1 dst=10.0.0.2 sport=5 dport=6 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=6 dport=5',
        'conntrack v1.4.7 (conntrack-tools): 5 flow entries have been shown.',
        '',
      ].join('\n'),
    );
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(
      entries.map(({ protocol, original, state, line }) => [protocol, original.destinationPort, state, line]),
      [
        [17, 2, undefined, 1],
        [6, 443, 'TIME_WAIT', 2],
        [132, 2, 'ESTABLISHED', 3],
        [1, undefined, undefined, 4],
        [17, 6, undefined, 5],
      ],
    );
  });

  it('tells of lines that are no entries, and of files that are no listing', () => {
    const some = parseConntrack(
      'note\nudp 17 1 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1\nudp 17 1 src=1.1.1.1\n',
      { file: 'c.txt' },
    );
    assert.equal(some.entries.length, 1);
    assert.deepEqual(
      some.diagnostics.map(({ code, location }) => [code, location?.file, location?.line]),
      [
        ['conntrack-bad-line', 'c.txt', 1],
        ['conntrack-bad-line', 'c.txt', 3],
      ],
    );
    const none = parseConntrack('Permission denied\n');
    assert.deepEqual(
      none.diagnostics.map(({ code }) => code),
      ['conntrack-unreadable'],
    );
    const empty = parseConntrack('conntrack v1.4.7 (conntrack-tools): 0 flow entries have been shown.\n');
    assert.deepEqual(empty, { entries: [], diagnostics: [] });
  });
});
