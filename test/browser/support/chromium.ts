/** Debian's chromium without a window, on files. Each run has a profile of its own, which is removed. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { readPng, type Picture } from '../../support/png.ts';

export interface View {
  /** What stands behind the file's name: `#q=web`. */
  readonly hash?: string;
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** In CI it must be there; elsewhere tests without it are skipped, and say so in one line. */
export function requireChromium(context: Mocha.Context): void {
  const { error, status } = spawnSync('chromium', ['--version'], { stdio: 'ignore' });
  if (error === undefined && status === 0) return;
  const message = 'browser tests cannot run: chromium is not installed';
  if ((process.env['CI'] ?? '') !== '') throw new Error(message);
  console.log(`    ${message}`);
  context.skip();
}

/** The document after its scripts have run. */
export async function domOf(file: string, view: View = {}): Promise<string> {
  return await inProfile(async (profile) => await run(file, view, profile, ['--dump-dom']));
}

/** As high as the view says. What must be seen has to fit: chromium takes an empty picture of a page that it has scrolled. */
export async function screenshotOf(file: string, view: View = {}): Promise<Picture> {
  return await inProfile(async (profile) => {
    const picture = join(profile, 'page.png');
    await run(file, view, profile, [`--screenshot=${picture}`]);
    return readPng(readFileSync(picture));
  });
}

async function run(file: string, view: View, profile: string, action: readonly string[]): Promise<string> {
  const { hash = '', width = 1280, height = 2000, dark = false } = view;
  const options = [
    '--headless',
    // Root cannot have a sandbox, and containers may not.
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--hide-scrollbars',
    '--force-device-scale-factor=1',
    '--virtual-time-budget=10000',
    `--user-data-dir=${profile}`,
    `--window-size=${width},${height}`,
    `--blink-settings=preferredColorScheme=${dark ? 0 : 1}`,
  ];
  const url = `${pathToFileURL(file).href}${hash}`;
  // Its talk on standard error is about the desktop that is not there.
  const { stdout } = await promisify(execFile)('chromium', [...options, ...action, url], {
    maxBuffer: 1 << 28,
    timeout: 60_000,
  });
  return stdout;
}

async function inProfile<T>(use: (profile: string) => Promise<T>): Promise<T> {
  const profile = mkdtempSync(join(tmpdir(), 'chainsmith-browser-'));
  try {
    return await use(profile);
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
