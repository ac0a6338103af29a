/** How iptables 1.8 reads the options that belong to no extension (xshared.c). */
export type OptionKind =
  /** Does something else than to describe the rule: another command, another table, a program to run. */
  | 'forbidden'
  /** The next word is its value, whatever it looks like. */
  | 'value'
  | 'flag'
  /** An extension's: nobody but the extension knows whether a value follows. */
  | 'extension';

const KINDS: ReadonlyMap<string, OptionKind> = new Map([
  ...ofKind('forbidden', '-A -D -C -R -I -L -S -F -Z -N -X -E -P -t -M -c -v -n -x -w -W -h -V'),
  ...ofKind('forbidden', '--append --delete --check --replace --insert --list --list-rules --flush --zero --new-chain'),
  ...ofKind(
    'forbidden',
    '--delete-chain --rename-chain --policy --table --modprobe --set-counters --verbose --numeric',
  ),
  ...ofKind('forbidden', '--exact --wait --wait-interval --line-numbers --help --version'),
  ...ofKind('value', '-s -d -p -i -o -j -g -m --source --src --destination --dst --protocol --proto --in-interface'),
  ...ofKind('value', '--out-interface --jump --goto --match --comment --log-prefix --nflog-prefix'),
  ...ofKind('flag', '-f -4 -6 --fragments --ipv4 --ipv6'),
]);

function ofKind(kind: OptionKind, options: string): readonly (readonly [string, OptionKind])[] {
  return options.split(' ').map((option) => [option, kind] as const);
}

/** Options of extensions that, if the extension is not loaded, getopt takes for the beginning of a forbidden one (--set-counters). */
const NAMED_BY_EXTENSION: ReadonlyMap<string, readonly string[]> = new Map([
  ['--set', ['recent', 'set']],
  ['--pol', ['policy']],
]);

/** An option, `--name` without its `=value`. `matches` are the extensions that `-m` loaded before. */
export function optionKind(option: string, matches: readonly string[]): OptionKind | { readonly problem: string } {
  const kind = KINDS.get(option);
  if (kind !== undefined) return kind;
  if (!option.startsWith('--')) return { problem: `${option}, which is no option; -j and its value are two words` };
  const extensions = NAMED_BY_EXTENSION.get(option);
  if (extensions?.some((name) => matches.includes(name)) === true) return 'extension';
  const whole = [...KINDS.keys()].find((known) => known.startsWith(option));
  if (whole === undefined) return 'extension';
  const hint = extensions === undefined ? '' : ` unless -m ${extensions[0] ?? ''} stands before it`;
  return { problem: `${option}, which iptables reads as ${whole}${hint}` };
}
