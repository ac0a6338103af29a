import { script } from '@bomb.sh/tab';
import type { Shell } from './completion-command.ts';

/** The scripts call `chainsmith complete -- WORDS` for each completion. */
export function printCompletionScript(shell: Shell): void {
  script(shell, 'chainsmith', 'chainsmith');
  // The script itself registers without a default, so files would never be completed; the later registration holds.
  if (shell === 'bash') process.stdout.write('complete -o default -F __chainsmith_complete chainsmith\n');
}
