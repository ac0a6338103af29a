import assert from 'node:assert/strict';
import { loadedRuleFault, ruleLineFault } from '../../../../src/core/plan/document/check-rule.ts';

const X = 'KUBE-SVC-X';

describe('loadedRuleFault', () => {
  const fine = [
    `-A ${X}`,
    `-A ${X} -j RETURN`,
    `-A ${X} -j ÄCHAIN`,
    `-A ${X} -g 日本`,
    `-A ${X} ! -s 10.0.0.0/8 -d 10.96.0.10/32 -p tcp -m comment --comment "a/b:c cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ`,
    `-A ${X} -m comment --comment -M -j RETURN`,
    `-A ${X} -m comment --comment "--modprobe=x" -j RETURN`,
    `-A ${X} -m statistic --mode random --probability 0.5 -m mark --mark 0x1/0x1 -j RETURN`,
    `-A ${X} -m recent --set --name ${X} --mask 255.255.255.255 --rsource -j ${X}`,
    `-A ${X} --match comment --comment "-M" --jump ${X}`,
    `-A ${X} -m policy --dir in --pol ipsec --proto esp -j RETURN`,
    `-A ${X} -m helper --helper ftp -m limit --limit 5/sec -j RETURN`,
    `-A ${X} -m set --match-set a src -m mac --mac-source 00:11:22:33:44:55 -j MARK --set-xmark 0x1/0x1`,
    `-A ${X} -m recent --rcheck --seconds 600 --reap --name ${X} --mask 255.255.255.255 --rsource -j ${X}`,
  ];
  for (const line of fine) it(`takes ${line}`, () => assert.equal(loadedRuleFault(line, X), undefined));

  const bad = [
    '',
    'COMMIT',
    '*filter',
    `-A ${X}Y -j RETURN`,
    ` -A ${X} -j RETURN`,
    `-I ${X} -j RETURN`,
    `-A ${X} -j RETURN\n-A INPUT -j DROP`,
    `-A ${X} -j RETURN\r`,
    `-A ${X} -j RETURN\u0000`,
    `-A ${X} -M /tmp/run -j RETURN`,
    `-A ${X} -M/tmp/run -j RETURN`,
    `-A ${X} "-M" /tmp/run -j RETURN`,
    `-A ${X} -fM/tmp/run -j RETURN`,
    `-A ${X} --modprobe=/tmp/run -j RETURN`,
    `-A ${X} --modp /tmp/run -j RETURN`,
    `-A ${X} "--mod=/tmp/run" -j RETURN`,
    `-A ${X} -s --comment -M /tmp/run -j RETURN`,
    `-A ${X} -m comment --comment --comment -M /tmp/run -j RETURN`,
    `-A ${X} -D INPUT 1`,
    `-A ${X} -t raw -j RETURN`,
    `-A ${X} --table raw -j RETURN`,
    ...(
      'append check delete insert replace list list-rules flush zero new-chain delete-chain rename-chain policy help version ' +
      'table ipv4 ipv6 wait wait-interval modprobe verbose numeric exact line-numbers set-counters'
    )
      .split(' ')
      .flatMap((name) => [`-A ${X} --${name} x`, `-A ${X} --${name}=x`, `-A ${X} -j RETURN --${name.slice(0, -1)}`]),
    ...'ACDIRLSFZNXEPhVt46wWMvnxc'.split('').flatMap((letter) => [`-A ${X} -${letter} x`, `-A ${X} -${letter}x`]),
    ...['match', 'jump', 'goto'].flatMap((name) => [
      `-A ${X} --${name}=x`,
      `-A ${X} --${name.slice(0, -1)} x`,
      `-A ${X} --${name} /tmp/evil.so`,
    ]),
    `-A ${X} -m é`,
    `-A ${X} -j é/evil`,
    `-A ${X} -- -M /tmp/run`,
    `-A ${X} --set=x -j RETURN`,
    `-A ${X} --pol ACCEPT`,
    `-A ${X} -m comment --comment policy --pol ACCEPT`,
    `-A ${X} -j ../../tmp/evil`,
    `-A ${X} -m /tmp/evil -j RETURN`,
    `-A ${X} -m comment --comment "open`,
  ];
  for (const line of bad)
    it(`refuses ${JSON.stringify(line)}`, () => assert.notEqual(loadedRuleFault(line, X), undefined));
});

describe('ruleLineFault', () => {
  it('takes what others write, as long as it is their chain', () => {
    assert.equal(ruleLineFault('-A INPUT -m string --string "-M" -j DROP', 'INPUT'), undefined);
    assert.notEqual(ruleLineFault('-A FORWARD -j DROP', 'INPUT'), undefined);
  });
});
