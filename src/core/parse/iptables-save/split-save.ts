import type { Diagnostic } from '../../diag/diagnostic.ts';
import type { SavedRules } from '../../ruleset/saved-rules.ts';
import { SaveReader } from './save-reader.ts';

export interface SplitOptions {
  /** The name of the dump in messages. Default: `<stdin>`. */
  readonly file?: string;
}

export interface SplitSave {
  readonly saved: SavedRules;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the structure of an iptables-save dump: tables, chains, and their rules as text. Rules are not looked into, which makes it fast:
 * a chain whose rules stand together is one slice of the dump. Total: whatever the text is, it gives what can be read and says the rest.
 */
export function splitSave(text: string, options: SplitOptions = {}): SplitSave {
  return new SaveReader(text, options.file ?? '<stdin>').read();
}
