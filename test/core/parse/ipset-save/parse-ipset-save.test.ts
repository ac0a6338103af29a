import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseIpsetSave } from '../../../../src/core/parse/ipset-save/parse-ipset-save.ts';
import type { IpSetPart } from '../../../../src/core/ruleset/ip-set.ts';
import { holds } from '../../../support/law.ts';

function partText(part: IpSetPart): string {
  switch (part.kind) {
    case 'network':
      return part.network.text;
    case 'addresses':
      return `${part.first}-${part.last}`;
    case 'port':
      return `${part.protocol ?? 'any'}:${part.ports.first}-${part.ports.last}`;
    case 'mark':
      return `mark ${part.value}`;
    case 'set':
      return `set ${part.name}`;
    case 'other':
      return `other ${part.text}`;
  }
}

/** Entries of the set S, part by part. */
function entriesOf(text: string): readonly string[] | undefined {
  const { sets } = parseIpsetSave(text);
  return sets
    .get('S')
    ?.entries.map(({ parts, nomatch }) => `${parts.map(partText).join(' ')}${nomatch ? ' nomatch' : ''}`);
}

describe('parseIpsetSave', () => {
  const TYPES: Readonly<Record<string, readonly [string, string]>> = {
    'hash:ip': ['10.0.0.1 timeout 0', '10.0.0.1/32'],
    'hash:net': ['10.0.0.0/8 nomatch', '10.0.0.0/8 nomatch'],
    'hash:ip,port': ['10.0.0.1,udp:53', '10.0.0.1/32 17:53-53'],
    'hash:net,port': ['10.0.0.0/24,80', '10.0.0.0/24 6:80-80'],
    'hash:ip,port,ip': ['10.0.0.1,tcp:80,10.0.0.2', '10.0.0.1/32 6:80-80 10.0.0.2/32'],
    'hash:ip,port,net': ['10.0.0.1,tcp:80,10.1.0.0/16', '10.0.0.1/32 6:80-80 10.1.0.0/16'],
    'hash:net,net': ['10.0.0.0/8,192.168.0.0/16', '10.0.0.0/8 192.168.0.0/16'],
    'hash:net,iface': ['10.0.0.0/8,eth0', '10.0.0.0/8 other eth0'],
    'hash:ip,mark': ['10.0.0.1,0x00004000', '10.0.0.1/32 mark 16384'],
    'hash:mac': ['01:23:45:67:89:ab', 'other 01:23:45:67:89:ab'],
    'bitmap:ip': ['10.0.0.1-10.0.0.9', '167772161-167772169'],
    'bitmap:port': ['80-90', 'any:80-90'],
    'list:set': ['OTHER', 'set OTHER'],
  };
  for (const [type, [entry, expected]] of Object.entries(TYPES)) {
    it(`reads ${type}`, () => {
      assert.deepEqual(entriesOf(`create S ${type} family inet hashsize 1024\nadd S ${entry}\n`), [expected]);
    });
  }

  it('reads lines in any order, sets of IPv6, netmasks, and names and comments with blanks', () => {
    const text = 'add "a b" fd00::1,tcp:80 comment "x y"\ncreate "a b" hash:ip,port family inet6 netmask 64\n';
    const set = parseIpsetSave(text).sets.get('a b');
    assert.equal(set?.family, 'ipv6');
    assert.equal(set.netmask, 64);
    assert.deepEqual(
      set.entries.map(({ parts }) => parts.map(partText)),
      [['fd00::1/128', '6:80-80']],
    );
  });

  it('reads what ipset list prints', () => {
    const text = [
      'Name: S',
      'Type: hash:ip',
      'Revision: 5',
      'Header: family inet hashsize 1024 maxelem 65536',
      'Size in memory: 296',
      'References: 0',
      'Number of entries: 2',
      'Members:',
      '10.0.0.1',
      '10.0.0.2 timeout 30',
      '',
      'Name: T',
      'Type: bitmap:port',
      'Header: range 0-65535',
      'Members:',
      '80',
    ].join('\r\n');
    const { sets, diagnostics } = parseIpsetSave(text);
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(
      [...sets].map(([name, { type, entries }]) => [name, type, entries.length]),
      [
        ['S', 'hash:ip', 2],
        ['T', 'bitmap:port', 1],
      ],
    );
  });

  it('leaves out sets of which a line cannot be read, and says so', () => {
    const { sets, diagnostics } = parseIpsetSave(
      'create S hash:ip\nadd S nonsense\ncreate T hash:ip\nadd T 10.0.0.1\nadd U 1.2.3.4\nwhat\n',
      { file: 'x' },
    );
    assert.deepEqual([...sets.keys()], ['T']);
    assert.deepEqual(
      diagnostics.map(({ code, location }) => [code, location?.line]),
      [
        ['set-bad-line', 6],
        ['set-bad-line', 2],
        ['set-bad-line', 5],
      ],
    );
  });

  it('takes every text', () => {
    const word = fc.constantFrom(
      'create',
      'add',
      'S',
      'hash:ip',
      'list:set',
      ':',
      ',',
      '-',
      '"',
      '10.0.0.1',
      'tcp:80',
      'Name:',
      'Members:',
      '\n',
      '\0',
      'family',
    );
    const text = fc.array(fc.oneof(word, fc.string({ unit: 'binary', maxLength: 4 }))).map((words) => words.join(' '));
    holds(
      fc.property(text, (given) => void parseIpsetSave(given)),
      { runs: 3000 },
    );
  });
});
