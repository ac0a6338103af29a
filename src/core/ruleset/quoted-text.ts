/**
 * A text as iptables-save prints it (xtables_save_string): bare if it is a plain word, else in quotes, with a backslash before quotes of
 * both kinds and before backslashes.
 */
export function quotedText(text: string): string {
  if (PLAIN.test(text)) return text;
  return SPECIAL.test(text) ? `"${text.replace(/["\\']/g, '\\$&')}"` : `"${text}"`;
}

const PLAIN = /^[A-Za-z0-9_-]+$/;
const SPECIAL = /["\\']/;

/**
 * A name as iptables-save prints it: bare. In quotes only where it could not be read again otherwise, which iptables-save does not care
 * about.
 */
export function wordText(text: string): string {
  return NAME.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

const NAME = /^[^\s"#!][^\s"]*$/;
