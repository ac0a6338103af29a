/** The chains that the kernel gives each table, in the order of iptables-save (nat INPUT since Linux 2.6.36). */
export const builtInChains: ReadonlyMap<string, readonly string[]> = new Map([
  ['raw', ['PREROUTING', 'OUTPUT']],
  ['mangle', ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']],
  ['nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING']],
  ['filter', ['INPUT', 'FORWARD', 'OUTPUT']],
  ['security', ['INPUT', 'FORWARD', 'OUTPUT']],
]);

const names: ReadonlySet<string> = new Set([...builtInChains.values()].flat());

/** Whether a chain of that name is built in, in the tables that have it. */
export function isBuiltIn(chain: string): boolean {
  return names.has(chain);
}

/** The table whose built-in chains these are, and no others; undefined if there is none. filter rather than security. */
export function tableOfChains(chains: readonly string[]): string | undefined {
  const given = new Set(chains);
  const found = ['filter', 'nat', 'mangle', 'raw'].find((table) => {
    const own = builtInChains.get(table) ?? [];
    return own.length === given.size && own.every((name) => given.has(name));
  });
  // nat had no INPUT once.
  return found ?? ([...given].sort().join() === 'OUTPUT,POSTROUTING,PREROUTING' ? 'nat' : undefined);
}
