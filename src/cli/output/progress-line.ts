/** What is short needs no line. */
const QUIET_MS = 1000;
const EVERY_MS = 200;
const CLEAR = '\r\u001b[K';

export interface ProgressLine {
  /** The text to show from now on. */
  readonly say: (text: string) => void;
  /** Takes the line away again. */
  readonly end: () => void;
}

/** The part of standard error that it needs. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  /** 0 or absent where the terminal does not say. */
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

/** One line that is written over again and again, after a second of waiting, and only on a terminal that can clear it. */
export function progressLine(stream: ProgressStream, first: string, isOn: boolean): ProgressLine {
  if (!isOn || stream.isTTY !== true || process.env['TERM'] === 'dumb') return { say: () => {}, end: () => {} };
  let text = first;
  let shown = '';
  const started = Date.now();
  const timer = setInterval(() => {
    if (Date.now() - started < QUIET_MS || text === shown) return;
    shown = text;
    stream.write(`${CLEAR}${text.slice(0, (stream.columns || 80) - 1)}`);
  }, EVERY_MS);
  return {
    say: (next) => {
      text = next;
    },
    end: () => {
      clearInterval(timer);
      if (shown !== '') stream.write(CLEAR);
    },
  };
}
