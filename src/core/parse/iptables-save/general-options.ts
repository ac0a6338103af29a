/** What an option of iptables itself, and of no extension, is about (xshared.c). */
export type GeneralOption =
  | 'append'
  | 'source'
  | 'destination'
  | 'in'
  | 'out'
  | 'protocol'
  | 'fragment'
  | 'match'
  | 'jump'
  | 'goto'
  | 'counters'
  | 'family'
  | 'forbidden';

const SPELLINGS: readonly (readonly [GeneralOption, string])[] = [
  ['append', '-A --append'],
  ['source', '-s --source --src'],
  ['destination', '-d --destination --dst'],
  ['in', '-i --in-interface'],
  ['out', '-o --out-interface'],
  // --proto is policy's, and else the beginning of --protocol.
  ['protocol', '-p --protocol'],
  ['fragment', '-f --fragments'],
  ['match', '-m --match'],
  ['jump', '-j --jump'],
  ['goto', '-g --goto'],
  ['counters', '-c --set-counters'],
  ['family', '-4 -6 --ipv4 --ipv6'],
  // Another command, another table, or a program to run: nothing that a rule of a dump can hold.
  ['forbidden', '-t --table -D --delete -C --check -R --replace -I --insert -L --list -S --list-rules -F --flush'],
  ['forbidden', '-Z --zero -N --new-chain -X --delete-chain -E --rename-chain -P --policy -M --modprobe -v --verbose'],
  ['forbidden', '-n --numeric -x --exact -w --wait --line-numbers -h --help -V --version'],
];

export const generalOptions: ReadonlyMap<string, GeneralOption> = new Map(
  SPELLINGS.flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind] as const)),
);
