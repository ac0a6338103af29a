export const parseCodes = {
  'dump-bad-line': {
    severity: 'error',
    title: 'a line that iptables-save does not write',
    explanation:
      'The line looks like one of a dump and is neither a chain (":CHAIN POLICY [packets:bytes]"), nor a rule ("-A CHAIN ..."), nor COMMIT. It was left out; everything else was read. iptables-restore would refuse the whole table.',
  },
  'dump-truncated': {
    severity: 'error',
    title: 'a dump that ends too early',
    explanation:
      'Each table of a dump ends with the line COMMIT. Without it the dump was cut: by a full disk, a pipe that broke, a pager, or a copy of a part of the screen. What is there was read, except for a last line that was cut in its middle, but rules are missing, so nothing should be concluded from what is not there. Take the dump again: iptables-save > FILE',
  },
  'dump-repeated-table': {
    severity: 'warning',
    title: 'a table that occurs twice in a dump',
    explanation:
      'iptables-save prints each table once. Here two dumps, or parts of several, stand in one file (both families perhaps, or before and after). The chains of the second were added to those of the first.',
  },
  'dump-repeated-chain': {
    severity: 'warning',
    title: 'a chain that is declared twice in a table',
    explanation:
      'iptables-save declares each chain once. The later policy and counters were taken, and the rules of both were kept, one after the other.',
  },
  'dump-undeclared-chain': {
    severity: 'warning',
    title: 'chains that have rules and no declaration',
    explanation:
      'In a dump each chain has a line ":CHAIN - [0:0]" before the rules. Where it is missing, the dump was filtered (by grep perhaps) or put together by hand; iptables-restore would refuse it unless the chain is there already. The rules were read.',
  },
  'dump-no-table': {
    severity: 'warning',
    title: 'rules without a table',
    explanation:
      'The rules stand behind no "*nat" or the like, as in the output of iptables -S or in a part of a dump. The message says which table they were taken for, and why: the command above them, their targets and chains, or else filter, which iptables itself takes where no table is named. If that is wrong, put a line "*TABLE" before them and COMMIT behind them, or better, take a whole dump: iptables-save > FILE',
  },
  'dump-other-text': {
    severity: 'warning',
    title: 'text that is no part of a dump',
    explanation:
      'Between the lines of the dump stand others: prompts, commands, notes, headings, the output of other commands. They were passed over. Make sure that no rule is among them.',
  },
  'dump-elided': {
    severity: 'warning',
    title: 'a dump from which lines were taken out',
    explanation:
      'Somebody put "..." where rules or chains were. What is there was read; nothing should be concluded from what is not there.',
  },
  'dump-quoted': {
    severity: 'warning',
    title: 'a dump whose lines begin with ">"',
    explanation:
      'The lines were quoted, as in a mail, or are one side of a diff. They were read without the mark. If they come from a diff, only rules that differ are there: give the dump itself.',
  },
  'dump-incompatible-table': {
    severity: 'warning',
    title: 'a table that iptables-save could not print',
    explanation:
      'The table holds rules that were not made by iptables (by nft, or by a newer version of iptables), so iptables-nft-save left all of it out and says so in a comment. nft list ruleset shows it.',
  },
  'dump-wrong-format': {
    severity: 'error',
    title: 'the output of another command',
    explanation:
      'Rules are read as iptables-save prints them, since that alone is complete: listings (iptables -L) leave out tables, interfaces or marks, and other tools show other things. Likewise --ipvs takes what ipvsadm prints, and --ipset what ipset prints. The hint names the command to use.',
  },
  'dump-empty': {
    severity: 'error',
    title: 'nothing in it is a dump',
    explanation:
      'The text has no table, no chain and no rule. A dump is made by iptables-save > FILE, as root; without root it is empty. A node that really has no rules gives an empty dump too, or one with built-in chains only.',
  },
  'set-bad-line': {
    severity: 'warning',
    title: 'a line of an ipset dump that cannot be read',
    explanation:
      'The line is neither "create NAME TYPE ...", nor "add NAME ENTRY ...", nor a part of what ipset list prints; or it adds to a set that nothing creates, or its entry does not fit the type of the set. It was left out, and the members of that set count as not known. Take the dump again: ipset save > FILE, as root.',
  },
  'ipvs-bad-line': {
    severity: 'error',
    title: 'a line about virtual servers that cannot be read',
    explanation:
      'The line is none that ipvsadm -Sn prints, nor one of the listing of ipvsadm -Ln; or it adds a real server to a virtual server that is not there, or one twice. It was left out, so nothing should be concluded from what is not there. Without -n ipvsadm prints names in place of numbers. Take the dump again: ipvsadm -Sn > FILE, as root.',
  },
  'rule-syntax': {
    severity: 'error',
    title: 'a rule that iptables could not read',
    explanation:
      'The words of the line do not make a rule: a quote that is not closed, an option without a value, a word that belongs to no option, a second target. The rule is kept, and what could not be read of it is treated as unknown.',
  },
  'rule-bad-value': {
    severity: 'error',
    title: 'an option of a rule with a value that it cannot have',
    explanation:
      'The option is known and its value is not possible: a port above 65535, a placeholder where an address should be, a match without the protocol that it is for. The rule is kept, and that part of it is treated as unknown. Some versions of iptables-save misprint rules that a newer version made (DNAT with --to-destination twice or without an address): take the dump with the iptables of the program that made the rules.',
  },
  'rule-note': {
    severity: 'warning',
    title: 'a note behind a rule',
    explanation:
      'Something that begins with "#" stands behind a rule. In a dump "#" begins a comment only at the start of a line; the rule was read without it. iptables-restore would refuse the line.',
  },
} as const;
