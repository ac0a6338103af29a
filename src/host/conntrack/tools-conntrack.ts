import type { StaleGroup } from '../../core/analyze/conntrack/find-stale.ts';
import type { ConnectionProtocol, TrackedConnection } from '../../core/analyze/conntrack/tracked-connection.ts';
import { parseIp, type Ip, type IpFamily } from '../../core/model/ip.ts';
import { parseConntrack } from '../../core/parse/conntrack/parse-conntrack.ts';
import { commandAdvice } from '../command-advice.ts';
import { CommandFailed, type CommandRunner } from '../exec.ts';
import { HostError } from '../host-error.ts';
import type { ConntrackTable } from './conntrack-table.ts';
import { trackedConnections } from './tracked-connections.ts';

/** By conntrack(8) of conntrack-tools, and ip(8). */
export function openToolsConntrack(commands: CommandRunner): ConntrackTable {
  const runner = advising(commands);
  return {
    executor: 'tools',
    list: async (families, protocols) => {
      const lists: (readonly TrackedConnection[])[] = [];
      for (const family of families) {
        for (const protocol of protocols) lists.push(await list(runner, family, protocol));
      }
      return lists.flat();
    },
    localAddresses: async () => localAddresses((await runner.run('ip', ['-o', 'address', 'show'])).stdout),
    delete: async (groups) => {
      let deleted = 0;
      let gone = 0;
      const problems: string[] = [];
      for (const group of groups) {
        try {
          const count = await deleteGroup(runner, group);
          deleted += count;
          gone += Math.max(0, group.connections.length - count);
        } catch (error) {
          if (!(error instanceof HostError)) throw error;
          problems.push(error.message);
        }
      }
      return { deleted, gone, problems };
    },
    close: () => {},
  };
}

async function list(
  runner: CommandRunner,
  family: IpFamily,
  protocol: ConnectionProtocol,
): Promise<readonly TrackedConnection[]> {
  const args = ['-L', '-f', family, '-p', protocol.toLowerCase()];
  const { stdout } = await runner.run('conntrack', args);
  const { entries, diagnostics } = parseConntrack(stdout, { file: 'conntrack -L' });
  const [problem] = diagnostics;
  if (problem !== undefined)
    throw new HostError(`conntrack ${args.join(' ')} prints what is no entry: ${problem.message}`);
  return trackedConnections(entries);
}

/**
 * All of a group at once: each run of the tool lists the whole table. What has come since that leads from the same address to the same
 * place is as stale.
 */
async function deleteGroup(runner: CommandRunner, group: StaleGroup): Promise<number> {
  const { family, protocol, address, port, sentTo = { address, port } } = group;
  const to = ['--orig-dst', address, '--orig-port-dst', String(port)];
  const from = ['--reply-src', sentTo.address, '--reply-port-src', String(sentTo.port)];
  const args = ['-D', '-f', family, '-p', protocol.toLowerCase(), ...to, ...from];
  // 1: there was none any more, or something went wrong, as its words say.
  const { stderr, exitCode, stdout } = await runner.run('conntrack', args, { okExitCodes: [0, 1] });
  const count = /(\d+) flow entries have been deleted/.exec(stderr)?.[1];
  if (count !== undefined) return Number(count);
  const failure = { command: 'conntrack', args, exitCode, signal: undefined, timedOut: false, notFound: false };
  throw toHostError(new CommandFailed({ ...failure, stdout, stderr }));
}

/** The same runner, whose failures say what to do. */
function advising(runner: CommandRunner): CommandRunner {
  return {
    run: async (command, args, options) => {
      try {
        return await runner.run(command, args, options);
      } catch (error) {
        throw error instanceof CommandFailed ? toHostError(error) : error;
      }
    },
    which: async (command) => await runner.which(command),
  };
}

function toHostError(failure: CommandFailed): HostError {
  return new HostError(failure.message, { advice: commandAdvice(failure), cause: failure });
}

/** `2: eth0    inet 192.168.0.10/24 brd ...`, one a line. */
function localAddresses(text: string): readonly Ip[] {
  return [...text.matchAll(/ inet6? ([\da-f.:]+)/g)].flatMap(([, address = '']) => parseIp(address) ?? []);
}
