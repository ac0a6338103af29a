import type { Match } from '../../ruleset/match.ts';
import { protocolNumber } from '../../ruleset/protocols.ts';
import type { Target } from '../../ruleset/target.ts';
import type { Extension } from './extension.ts';
import { matchExtensions, protocolMatches, targetExtensions } from './extensions.ts';
import { generalOptions } from './general-options.ts';
import type { ScannedExtension } from './scanned-rule.ts';

export type Scanned = ScannedExtension<Match> | ScannedExtension<Target>;

/** The extensions that a rule has named so far, and to which of them an option belongs. */
export class LoadedExtensions {
  readonly matches: ScannedExtension<Match>[] = [];
  target: ScannedExtension<Target> | undefined;
  /** All of them, the newest last. */
  readonly #loaded: Scanned[] = [];

  loadMatch(name: string, column: number): ScannedExtension<Match> {
    const scanned = { name, column, extension: matchExtensions.get(name), uses: [], words: [] };
    this.matches.push(scanned);
    this.#loaded.push(scanned);
    return scanned;
  }

  /** A chain to go to is no target of the kernel, whatever it is called. */
  loadTarget(name: string, column: number, goto: boolean): void {
    const extension = goto ? undefined : targetExtensions.get(name);
    this.target = { name, column, extension, uses: [], words: [] };
    this.#loaded.push(this.target);
  }

  get newest(): Scanned | undefined {
    return this.#loaded.at(-1);
  }

  /** The newest extension that knows the option. */
  owner(option: string): Scanned | undefined {
    return this.#loaded.findLast(({ extension }) => knows(extension, option));
  }

  /** The newest extension that nothing is known of. */
  opaque(): Scanned | undefined {
    return this.#loaded.findLast(({ extension }) => extension === undefined);
  }

  /** `-p tcp --dport 80` loads the match tcp where the option stands. */
  loadOfProtocol(option: string, protocol: string | undefined, column: number): Scanned | undefined {
    const number = protocol === undefined ? undefined : protocolNumber(protocol);
    const match = number === undefined ? undefined : protocolMatches.get(number);
    if (match === undefined || !knows(matchExtensions.get(match), option)) return undefined;
    return this.loadMatch(match, column);
  }

  /** getopt takes the beginning of a long option for the whole: all options that it could be. */
  completions(beginning: string): readonly string[] {
    if (!beginning.startsWith('--')) return [];
    const extensions = new Set<Extension<Match> | Extension<Target>>();
    for (const { extension } of this.#loaded) if (extension !== undefined) extensions.add(extension);
    const known = [...extensions].flatMap(({ options, aliases }) => [...options.keys(), ...aliases.keys()]);
    const general = [...generalOptions].flatMap(([option, kind]) => (kind === 'forbidden' ? [] : [option]));
    return [...new Set([...known, ...general])].filter((option) => option.startsWith(beginning));
  }
}

function knows(extension: Extension<Match> | Extension<Target> | undefined, option: string): boolean {
  return extension !== undefined && (extension.options.has(option) || extension.aliases.has(option));
}
