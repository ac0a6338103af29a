/** How it chooses a real server, behind `rr: `. What the shares of new connections mean follows from it. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['rr', 'one after the other'],
  ['wrr', 'one after the other, in proportion to their weights'],
  ['lc', 'the one with the fewest connections'],
  ['wlc', 'the one with the fewest connections for its weight'],
  ['lblc', 'the one that had the address before, unless it has too many connections'],
  ['lblcr', 'one of those that had the address before, unless they have too many connections'],
  ['dh', 'always the same one for this address; which one is left to a hash'],
  ['sh', "by the client's address: always the same one for a client; which one is left to a hash"],
  ['mh', "by the client's address: always the same one for a client; which one is left to a hash"],
  ['sed', 'the one that would answer soonest'],
  ['nq', 'an idle one, else the one that would answer soonest'],
  ['fo', 'the one with the greatest weight, until it is overloaded'],
  ['ovf', 'the one with the greatest weight, until it has as many connections as its weight'],
  ['twos', 'the less busy of two that are drawn by their weights'],
]);

/** `one after the other`; of a scheduler that is not known here, that it is not. */
export function schedulerWords(scheduler: string): string {
  return WORDS.get(scheduler) ?? 'how it chooses is not known here';
}
