/**
 * Prints a double the way C's and Go's `%.Nf` do: from its exact binary value, an exact tie to the even digit. JavaScript's
 * `toFixed` rounds ties up, which differs for the powers of two from 1/2048 on (0.00048828125).
 */
export function formatFixed(value: number, digits: number): string {
  let numerator = value;
  let shift = 0n;
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    shift += 1n;
  }
  const scaled = BigInt(numerator) * 10n ** BigInt(digits);
  const denominator = 1n << shift;
  let quotient = scaled / denominator;
  const twice = (scaled % denominator) * 2n;
  if (twice > denominator || (twice === denominator && quotient % 2n === 1n)) quotient += 1n;
  const text = quotient.toString().padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
