import type { IpFamily } from '../../core/model/ip.ts';
import type { FamilyPlan } from '../../core/plan/plan.ts';
import { StreamedPayload } from '../../core/plan/streamed-payload.ts';
import type { CompiledChain } from '../../core/ruleset/compiled-rules.ts';
import type { SavedRules } from '../../core/ruleset/saved-rules.ts';
import type { CommandRunner } from '../exec.ts';
import { PieceFeed } from '../piece-feed.ts';
import { declarationOrder } from './declaration-order.ts';
import { COMMIT, PayloadPieces } from './payload-pieces.ts';
import { restoreArguments, throwingRejected, type HeldRestore, type RestoreOptions } from './restore.ts';
import { toolsOf } from './tools.ts';

/**
 * iptables-legacy-restore at work while the rules are still being compiled: it has every chain of a service port to itself as soon as that is
 * there, and reads it while this process makes the next. It commits nothing before the plan is made, and only if the plan has all of these
 * chains. It holds the xtables lock from `begin` on. For nodes that have no chains of service ports yet.
 */
export class StreamedRestore {
  readonly #family: IpFamily;
  #payload: StreamedPayload | undefined;
  readonly #feed = new PieceFeed();
  readonly #abort = new AbortController();
  readonly #running: Promise<string>;
  #isCommitted = false;

  /** Starts the tool, which reads nothing yet, and holds no lock. */
  constructor(runner: CommandRunner, family: IpFamily, options: RestoreOptions) {
    this.#family = family;
    this.#running = throwingRejected(
      family,
      () => this.#feed.written(),
      async () => {
        const { stdout } = await runner.run(toolsOf('legacy', family).restore, restoreArguments(options), {
          input: this.#feed,
          timeoutMs: options.timeoutMs,
          ownProcessGroup: true,
          signal: this.#abort.signal,
        });
        return stdout;
      },
    );
    // Whoever commits or abandons looks at it; until then a failure must not count as unhandled.
    this.#running.catch(() => {});
  }

  /** Begins a table on a node that has `current`. */
  begin(current: SavedRules): void {
    this.#payload = new StreamedPayload(current, declarationOrder('legacy'));
    this.#feed.write(this.#payload.opening());
  }

  /** Chains of any family, as they are compiled. */
  add(family: IpFamily, chains: readonly CompiledChain[]): void {
    if (family !== this.#family || this.#payload === undefined) return;
    const part = this.#payload.part(chains);
    if (part === undefined) this.#payload = undefined;
    else this.#feed.write(part);
  }

  /**
   * Gives it the rest of the plan, up to the COMMIT of the first table; `listing` is read behind the last one. Undefined if it has been given
   * anything that is not in the plan: then it is to be abandoned.
   */
  complete(plan: FamilyPlan, listing: string | undefined): HeldRestore | undefined {
    const rest = plan.family === this.#family ? this.#payload?.rest(plan) : undefined;
    this.#payload = undefined;
    if (rest === undefined) return undefined;
    const pieces = new PayloadPieces(rest)[Symbol.iterator]();
    for (let piece = pieces.next(); piece.done !== true && piece.value !== COMMIT; piece = pieces.next()) {
      this.#feed.write(piece.value);
    }
    return {
      commit: async () => {
        this.#isCommitted = true;
        this.#feed.write(COMMIT);
        for (const piece of pieces) this.#feed.write(piece);
        if (listing !== undefined) this.#feed.write(listing);
        this.#feed.end();
        return await this.#running;
      },
      abandon: async () => await this.abandon(),
    };
  }

  /** Ends it without a commit; resolves when it is gone, and the lock with it. Does nothing after a commit. */
  async abandon(): Promise<void> {
    if (this.#isCommitted) return;
    this.#payload = undefined;
    this.#feed.end();
    this.#abort.abort();
    await this.#running.catch(() => {});
  }
}
