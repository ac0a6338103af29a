import { countOf } from '../../core/plan/summary/summary.ts';
import type { CutServer, DrainReport } from '../../host/ipvs/drain.ts';

/** Connections that were cut off are a warning; that there was something to wait for is not told with -q. */
export function drainText(reports: readonly DrainReport[], quiet: boolean): string {
  return reports.map((report) => (report.cut.length === 0 ? waited(report, quiet) : cutOff(report))).join('');
}

function waited({ servers, waitedMs }: DrainReport, quiet: boolean): string {
  if (quiet || waitedMs < 1000) return '';
  return `${countOf(servers, 'real server')} went after the last connection had ended, ${seconds(waitedMs)} later\n`;
}

const SHOWN = 5;

function cutOff({ cut, waitedMs }: DrainReport): string {
  const head = `warning: ${countOf(cut.length, 'real server')} went after ${seconds(waitedMs)} with connections left`;
  const shown = cut.slice(0, SHOWN).map((one) => `  ${serverText(one)}\n`);
  const rest = cut.length > SHOWN ? `  and ${cut.length - SHOWN} more\n` : '';
  return `${head}; --drain-timeout waits longer:\n${shown.join('')}${rest}`;
}

function serverText({ server, realServer, active, inactive }: CutServer): string {
  return `${realServer} of ${server}: ${active} open, ${inactive} closing`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
