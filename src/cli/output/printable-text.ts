/** What neither XML 1.0 nor YAML can hold: control characters but line breaks, halves of surrogate pairs, and two that Unicode keeps free. */
const UNPRINTABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/gu;

/** One sign for one. */
export function printableText(text: string): string {
  return text.replaceAll(UNPRINTABLE, '\ufffd');
}
