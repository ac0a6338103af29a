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
