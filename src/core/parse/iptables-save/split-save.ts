import { SaveReader, type SplitSave } from './save-reader.ts';

export interface SplitOptions {
  /** The name of the dump in messages. Default: `<stdin>`. */
  readonly file?: string;
}

/**
 * Reads the structure of an iptables-save dump: tables, chains, and their rules as text. Rules are not looked into, which makes it fast:
 * a chain whose rules stand together is one slice of the dump. Total: whatever the text is, it gives what can be read and says the rest.
 */
export function splitSave(text: string, options: SplitOptions = {}): SplitSave {
  const reader = new SaveReader(options.file ?? '<stdin>');
  reader.push(text);
  return reader.finish();
}
