/** Loaded by `node --import` into the command that is measured: leaves its peak memory in a file when it ends. */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const file = process.env['CHAINSMITH_BENCH_MEMORY'];
  if (file !== undefined) writeFileSync(file, String(process.resourceUsage().maxRSS / 1024));
});
