/** What stands before a command that a user is to run in a network namespace, as --netns names it, with a blank behind it. */
export function enterNamespace(netns: string | undefined): string {
  if (netns === undefined) return '';
  const pid = /^pid:(\d+)$/.exec(netns)?.[1];
  if (pid !== undefined) return `nsenter -t ${pid} -n `;
  return netns.includes('/') ? `nsenter --net=${quoted(netns)} ` : `ip netns exec ${quoted(netns)} `;
}

/** As a shell reads it. */
function quoted(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
