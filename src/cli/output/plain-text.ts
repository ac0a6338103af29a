/** Texts of dumps and files must not send control codes to the terminal; one sign for one keeps columns in place. */
export function plainText(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd');
}
