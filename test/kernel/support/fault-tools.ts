// Every program that chainsmith starts, behind a script that can make one call of it go wrong. The scripts that a run needs stand first in PATH: each
// takes longer to start than most programs. They count calls by command line, so that a recording run, which has them all, tells which calls there
// are to spoil.
import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { hostRunner } from '../../../src/host/exec.ts';

const FAMILY_TOOLS = ['iptables', 'ip6tables'].flatMap((prefix) =>
  ['nft', 'legacy'].flatMap((variant) => [`${prefix}-${variant}-save`, `${prefix}-${variant}-restore`]),
);
export const TOOLS: readonly string[] = [...FAMILY_TOOLS, 'iptables', 'nfacct', 'cat', 'tee', 'nsenter'];

/** What a call can do instead of what it should. `signal` is sent to chainsmith itself, `group` as a terminal sends it. */
export type Fault =
  | 'exit'
  | 'exit-late'
  | 'missing'
  | 'forbidden'
  | 'empty'
  | 'cut'
  | 'noise'
  | 'listing'
  | 'kill'
  | 'kill-late'
  | 'hang'
  | 'hang-late'
  | 'deaf'
  | 'half-input'
  | 'first-table'
  | `signal-${Signal}`
  | `signal-late-${Signal}`
  | `group-${Signal}`
  | 'orphan'
  | 'orphan-first-table'
  | 'orphan-slow';

/** Whether chainsmith does not live on. */
export function isDeadly(fault: string): boolean {
  return /KILL$|^orphan/.test(fault);
}

export type Signal = 'INT' | 'TERM' | 'HUP' | 'KILL';

/**
 * `late` faults happen when the real tool has done its work. `half-input` and `first-table` let the real tool have only the beginning
 * of its input. `deaf` hangs, and ends by SIGKILL alone. `orphan` kills chainsmith when the tool has all of its input, and then lets the tool do its work;
 * `orphan-first-table` with its first table only, as if the rest had not come; `orphan-slow` a second and a half later.
 */
const SCRIPT = String.raw`
tool="\${0##*/}"
# Where nsenter goes is another place in each run.
if [ "$tool" = nsenter ]; then call="$tool \${*:2}"; else call="$tool $*"; fi
name="\${call//[^A-Za-z0-9-]/_}"
n=1
set -C
until { : > "$FAULT_CALLS/$name.$n"; } 2>/dev/null; do n=$((n + 1)); done
set +C
fault=
for one in $FAULTS; do
  [ "\${one%%=*}" = "$name.$n" ] && fault="\${one#*=}"
done
[ -n "$fault" ] && : > "$FAULT_CALLS/injected.$name.$n"
late=
case $fault in
  '') exec "$REAL" "$@" ;;
  exit) echo 'something is wrong here' >&2; exit 1 ;;
  exit-late) "$REAL" "$@"; exit 1 ;;
  missing) echo "nsenter: failed to execute \${0##*/}: No such file or directory" >&2; exit 127 ;;
  forbidden) echo "\${0##*/}: Operation not permitted (you must be root)" >&2; exit 4 ;;
  empty) exit 0 ;;
  cut) out=$("$REAL" "$@"; echo x); out="\${out%x}"; printf %s "\${out:0:\${#out}/2}"; exit 0 ;;
  noise) "$REAL" "$@" > /dev/null; printf '\377\376\001*nat\002\n:\n\r-A\n%%%%\300\257'; exit 0 ;;
  listing) printf 'Chain INPUT (policy ACCEPT)\ntarget     prot opt source               destination\n\n'; exit 0 ;;
  kill) kill -KILL $$ ;;
  kill-late) "$REAL" "$@"; kill -KILL $$ ;;
  hang) exec sleep 1000 ;;
  hang-late) "$REAL" "$@"; exec sleep 1000 ;;
  deaf) trap '' TERM INT HUP; while :; do sleep 0.5; done ;;
  half-input) head -c 700 | "$REAL" "$@"; exit 1 ;;
  first-table) sed -u '/^COMMIT$/q' | "$REAL" "$@"; exit 1 ;;
  signal-late-*) "$REAL" "$@"; status=$?; kill -"\${fault##*-}" "$FAULT_PID"; sleep 0.02; exit $status ;;
  signal-*) kill -"\${fault##*-}" "$FAULT_PID"; sleep 0.02; exec "$REAL" "$@" ;;
  group-*) kill -"\${fault##*-}" -- "-$FAULT_PID"; sleep 0.05; exec "$REAL" "$@" ;;
  orphan-first-table) input=$(cat); kill -KILL "$FAULT_PID"; printf '%s\n' "$input" | sed '/^COMMIT$/q' | "$REAL" "$@" ;;
  orphan*) input=$(cat; echo x); kill -KILL "$FAULT_PID"; [ "$fault" = orphan ] || sleep 1.5; printf %s "\${input%x}" | "$REAL" "$@" ;;
esac
`;

/** By call. */
export type Faults = Readonly<Record<string, Fault>>;

/** Names of programs have no underscores; what is no letter of theirs in a call has become one. */
function toolOf(call: string): string {
  return /^[^_.]*/.exec(call)?.[0] ?? '';
}

export class FaultTools {
  readonly #folder: string;
  readonly #tools: readonly string[];
  #runs = 0;

  private constructor(folder: string, tools: readonly string[]) {
    [this.#folder, this.#tools] = [folder, tools];
  }

  /**
   * @param more besides TOOLS
   * @param standIns what is to be taken for the real tool, by name
   */
  static async create(
    folder: string,
    more: readonly string[] = [],
    standIns: ReadonlyMap<string, string> = new Map(),
  ): Promise<FaultTools> {
    const tools = [...TOOLS, ...more];
    mkdirSync(join(folder, 'stand-ins'), { recursive: true });
    for (const [tool, path] of standIns) symlinkSync(path, join(folder, 'stand-ins', tool));
    for (const tool of tools) {
      const real = standIns.get(tool) ?? (await hostRunner.which(tool));
      if (real === undefined) throw new Error(`${tool} is not installed`);
      mkdirSync(join(folder, 'faulty', tool), { recursive: true });
      const path = join(folder, 'faulty', tool, tool);
      writeFileSync(path, `#!/bin/bash\nREAL=${real}\n${SCRIPT.replaceAll('\\$', '$')}`);
      chmodSync(path, 0o755);
    }
    return new FaultTools(folder, tools);
  }

  /** For one run of chainsmith, of which all calls are to be known. */
  record(faults: Faults = {}): FaultRun {
    return this.#start(faults, this.#tools);
  }

  /** For one run of chainsmith. */
  start(faults: Faults = {}): FaultRun {
    return this.#start(faults, new Set(Object.keys(faults).map(toolOf)));
  }

  #start(faults: Faults, tools: Iterable<string>): FaultRun {
    this.#runs += 1;
    const calls = join(this.#folder, `calls-${this.#runs}`);
    mkdirSync(calls);
    const list = Object.entries(faults).map(([call, fault]) => `${call}=${fault}`);
    const faulty = [...tools].map((tool) => join(this.#folder, 'faulty', tool));
    const path = [...faulty, join(this.#folder, 'stand-ins'), process.env['PATH'] ?? ''].join(delimiter);
    // A lock of its own: one that hangs must not hold up the others.
    const lock = `${calls}.lock`;
    return new FaultRun(calls, { PATH: path, FAULT_CALLS: calls, FAULTS: list.join(' '), XTABLES_LOCKFILE: lock });
  }
}

export class FaultRun {
  readonly environment: Readonly<Record<string, string>>;
  readonly #calls: string;

  constructor(calls: string, environment: Readonly<Record<string, string>>) {
    this.#calls = calls;
    this.environment = environment;
  }

  /** Calls by name and number, sorted: `cat__proc_net_if_inet6.1`. */
  calls(): readonly string[] {
    return readdirSync(this.#calls)
      .filter((name) => !name.startsWith('injected.'))
      .sort();
  }

  /** The calls that did go wrong. */
  injected(): readonly string[] {
    return readdirSync(this.#calls).filter((name) => name.startsWith('injected.'));
  }

  remove(): void {
    rmSync(this.#calls, { recursive: true, force: true });
  }
}
