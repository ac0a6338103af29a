// Options about a packet that is traced, without its two ends.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ConnectionState } from '../../core/analyze/trace/packet.ts';
import { collectRecent, type RecentSetting } from './recent-option.ts';
import { RepeatableOption } from './repeatable-option.ts';

/** These as commander stores them. */
export interface PacketFlags {
  readonly sport?: number;
  readonly mark?: number;
  readonly ctstate?: ConnectionState;
  readonly reply?: boolean;
  readonly recent?: readonly RecentSetting[];
  readonly ipset?: string;
  readonly ipvs?: string;
  readonly localIp?: readonly string[];
  readonly inInterface?: string;
  readonly outInterface?: string;
}

const STATES: readonly ConnectionState[] = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'];

/** What the packet is like. */
export function addPacketFlags(command: Command): void {
  command
    .addOption(new Option('--sport <port>', "the client's port (default: 50000)").argParser(number(65_535, 'a port')))
    .addOption(
      new Option('--mark <mark>', 'the mark with which it comes, such as 0x4000').argParser(
        number(0xffffffff, 'a mark'),
      ),
    )
    .addOption(
      new Option(
        '--ctstate <state>',
        'what conntrack says of it: new, established (a later packet), related, invalid, untracked',
      ).argParser(parseState),
    )
    .option('--reply', 'follow the reply to it, through each way that it may go');
}

/** What is known beside the rules. */
export function addKnowledgeFlags(command: Command): void {
  command
    .option('--in-interface <name>', 'where it comes in')
    .option('--out-interface <name>', 'where it leaves')
    .addOption(
      new RepeatableOption(
        '--recent <answer>',
        'has xt_recent seen the client: hit, miss (default), either; or for one list, LIST=hit (repeatable)',
      ).argParser(collectRecent),
    )
    .option('--ipset <file>', 'members of ipsets: what ipset save printed')
    .option('--ipvs <file>', 'virtual servers of IPVS: what ipvsadm -Sn printed');
}

function number(most: number, what: string): (text: string) => number {
  return (text) => {
    const value = /^(?:0x[0-9a-fA-F]{1,8}|\d{1,10})$/.test(text) ? Number(text) : Number.NaN;
    if (!(value <= most)) throw new InvalidArgumentError(`It takes ${what}, at most ${most}.`);
    return value;
  };
}

function parseState(text: string): ConnectionState {
  const state = STATES.find((known) => known === text.toUpperCase());
  if (state === undefined) throw new InvalidArgumentError(`It takes one of ${STATES.join(', ').toLowerCase()}.`);
  return state;
}
