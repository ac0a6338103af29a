import assert from 'node:assert/strict';
import { isBuiltIn, tableOfChains } from '../../../src/core/ruleset/built-in-chains.ts';
import { limitText } from '../../../src/core/ruleset/limit-rate.ts';
import { protocolNumber, protocolText } from '../../../src/core/ruleset/protocols.ts';
import { quotedText, wordText } from '../../../src/core/ruleset/quoted-text.ts';
import { splitWords } from '../../../src/core/ruleset/rule-words.ts';
import { tcpFlagsText } from '../../../src/core/ruleset/tcp-flags.ts';

describe('quotedText', () => {
  it('quotes what is no plain word, as iptables-save does', () => {
    assert.equal(quotedText('plain_word-1'), 'plain_word-1');
    assert.equal(quotedText('ns/svc:http'), '"ns/svc:http"');
    assert.equal(quotedText(''), '""');
    assert.equal(quotedText('a"b\'c\\d'), '"a\\"b\\\'c\\\\d"');
  });

  it('comes back from the words of a rule', () => {
    for (const text of ['', 'a b', 'a"b\'c\\d', '\\', '#', '!', "it's", '\t']) {
      assert.deepEqual(
        splitWords(`x ${quotedText(text)} y`).words.map((word) => word.value),
        ['x', text, 'y'],
      );
      assert.equal(splitWords(wordText(text)).words[0]?.value, text);
    }
  });
});

describe('splitWords', () => {
  it('tells where words stand, and where a quote is open', () => {
    assert.deepEqual(splitWords(' a "b c"d').words, [
      { value: 'a', start: 1, end: 2 },
      { value: 'b c', start: 3, end: 8 },
      { value: 'd', start: 8, end: 9 },
    ]);
    assert.equal(splitWords('a "b').openQuote, 2);
  });
});

describe('limitText', () => {
  it('takes the unit in which the kernel lost nothing', () => {
    assert.equal(limitText(10_000), '1/sec');
    assert.equal(limitText(120_000), '5/min');
    assert.equal(limitText(5_142_857), '7/hour');
    assert.equal(limitText(12_000_000), '3/hour');
    assert.equal(limitText(10), '1000/sec');
  });
});

describe('protocols', () => {
  it('have names and numbers', () => {
    assert.equal(protocolNumber('TCP'), 6);
    assert.equal(protocolNumber('icmpv6'), 58);
    assert.equal(protocolText(58), 'ipv6-icmp');
    assert.equal(protocolNumber('200'), 200);
    assert.equal(protocolText(200), '200');
    assert.equal(protocolNumber('256'), undefined);
    for (let number = 0; number < 256; number++) assert.equal(protocolNumber(protocolText(number)), number);
  });
});

describe('tcpFlagsText', () => {
  it('lists the flags by their bits', () => {
    assert.equal(tcpFlagsText(0), 'NONE');
    assert.equal(tcpFlagsText(0b010010), 'SYN,ACK');
  });
});

describe('tableOfChains', () => {
  it('knows a table by its built-in chains', () => {
    assert.equal(tableOfChains(['INPUT', 'OUTPUT', 'FORWARD']), 'filter');
    assert.equal(tableOfChains(['PREROUTING', 'OUTPUT', 'POSTROUTING']), 'nat');
    assert.equal(tableOfChains(['PREROUTING', 'OUTPUT']), 'raw');
    assert.equal(tableOfChains(['INPUT']), undefined);
    assert.ok(isBuiltIn('INPUT') && !isBuiltIn('input'));
  });
});
