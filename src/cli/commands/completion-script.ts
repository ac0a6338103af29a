import { script } from '@bomb.sh/tab';
import type { Shell } from './completion-command.ts';

/**
 * The script is made for the package bash-completion, which minimal systems do not have; its one function is easily replaced. It also
 * registers itself without a default, so files would never be completed; the later registration holds.
 */
const BASH_ADDITIONS = `
if ! declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref() {
        words=("\${COMP_WORDS[@]}")
        cword=$COMP_CWORD
        cur=\${COMP_WORDS[COMP_CWORD]}
        prev=\${COMP_WORDS[COMP_CWORD-1]}
    }
fi
complete -o default -F __chainsmith_complete chainsmith
`;

/** The scripts call `chainsmith complete -- WORDS` for each completion. */
export function printCompletionScript(shell: Shell): void {
  script(shell, 'chainsmith', 'chainsmith');
  if (shell === 'bash') process.stdout.write(BASH_ADDITIONS.trimStart());
}
