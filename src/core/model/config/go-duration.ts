const SECONDS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Seconds of a duration as Go's time.ParseDuration reads it, `1h30m`, `-1.5s`; undefined if it is none. */
export function durationSeconds(text: string): number | undefined {
  const [, sign, rest = ''] =
    /^([+-]?)(0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text) ?? [];
  if (sign === undefined) return undefined;
  let seconds = 0;
  for (const [, number = '', unit = ''] of rest.matchAll(/([0-9.]+)([a-zµμ]+)/g))
    seconds += Number(number) * (SECONDS[unit] ?? 0);
  return sign === '-' ? -seconds : seconds;
}
