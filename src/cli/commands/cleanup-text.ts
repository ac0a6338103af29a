import type { IpFamily } from '../../core/model/ip.ts';
import type { ChainOwner } from '../../core/plan/cleanup/kube-chains.ts';
import type { ChainChange } from '../../core/plan/plan.ts';
import { DUMMY_LINK } from '../../host/cleanup/dummy-link.ts';
import { installAdvice } from '../../host/command-advice.ts';
import { isClean, type Leftovers } from '../../host/cleanup/leftovers.ts';
import type { Problem } from '../../host/cleanup/remove-leftovers.ts';
import type { Paint } from '../output/colors.ts';
import { plainText } from '../output/plain-text.ts';

export interface RemovalsOptions {
  /** The network namespace, if it is not the process's own. */
  readonly namespace?: string | undefined;
  /** Every chain and rule by name. */
  readonly verbose: boolean;
}

const FAMILY: { readonly [F in IpFamily]: string } = { ipv4: 'IPv4', ipv6: 'IPv6' };
const LABEL_WIDTH = 20;
/** Names on one line. */
const SHOWN = 4;

/** What would be removed, for people: a line for each table, and for each other kind of object. */
export function printRemovals(found: Leftovers, { namespace, verbose }: RemovalsOptions): string {
  const place = namespace === undefined ? 'this node' : `the network namespace ${namespace}`;
  if (isClean(found)) {
    return found.unread.length === 0
      ? `There is nothing to remove from ${place}.\n`
      : `Nothing to remove was seen in ${place}, but not all could be looked at.\n`;
  }
  const { sets, virtualServers: servers, link, nftTables, nfacct } = found;
  const addresses = count(link?.addresses.length ?? 0, 'address', 'addresses');
  const lines = [
    ...found.variants.flatMap(({ variant, families }) =>
      families.flatMap(({ cleanup }) =>
        tableLines(`iptables-${variant} ${FAMILY[cleanup.plan.family]}`, cleanup.plan.changes, verbose),
      ),
    ),
    ...listed('ipsets', sets, verbose),
    ...listed(
      'IPVS servers',
      servers.map(({ option, place: at }) => `${option} ${at}`),
      verbose,
    ),
    ...(link === undefined ? [] : [row('link', `${DUMMY_LINK}, with ${addresses}`)]),
    ...listed('nft tables', nftTables, verbose),
    ...listed('nfacct objects', nfacct, verbose),
  ];
  return `To remove from ${place}:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function row(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)} ${text}`;
}

function listed(label: string, names: readonly string[], verbose: boolean): readonly string[] {
  if (names.length === 0) return [];
  return [row(label, names.length === 1 ? (names[0] ?? '') : `${names.length}: ${someOf(names, verbose)}`)];
}

function someOf(names: readonly string[], verbose: boolean): string {
  if (verbose || names.length <= SHOWN + 1) return names.join(', ');
  return `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
}

function tableLines(label: string, changes: readonly ChainChange[], verbose: boolean): readonly string[] {
  const tables = [...new Set(changes.map(({ table }) => table))];
  return tables.flatMap((table, i) => {
    const own = changes.filter((change) => change.table === table);
    const chains = own.filter(({ kind }) => kind === 'delete-chain').map(({ chain }) => chain);
    const jumps = own.flatMap((change) => (change.kind === 'edit-chain' ? change.edits.map(({ rule }) => rule) : []));
    const counts = [count(chains.length, 'chain', 'chains'), ...(jumps.length === 0 ? [] : [jumpCount(jumps.length)])];
    const head = row(i === 0 ? label : '', `${table.padEnd('filter'.length)} ${counts.join(', ')}`);
    return verbose ? [head, ...[...jumps, ...chains].map((name) => `    - ${plainText(name)}`)] : [head];
  });
}

function jumpCount(number: number): string {
  return number === 1 ? '1 jump to them' : `${number} jumps to them`;
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** What a person should know before and after: warnings, then notes. */
export function printMessages(found: Leftovers, paint: Paint): string {
  const warnings = found.warnings.map((text) => `${paint.severity('warning', 'warning:')} ${text}\n`);
  const notes = [...keptNotes(found), ...found.notes].map((text) => `${paint.severity('info', 'note:')} ${text}\n`);
  return [...warnings, ...notes].join('');
}

const STAYS: { readonly [O in Exclude<ChainOwner, 'kube-proxy' | 'shared'>]: string } = {
  kubelet: 'the kubelet writes these, and they stay (--all removes them)',
  'kube-router': "these are kube-router's, and stay",
  'host-ports': 'these are for hostPorts of Pods, and stay',
  unknown: 'these are not known to be of kube-proxy, and stay',
};

function keptNotes({ variants }: Leftovers): readonly string[] {
  const kept = variants.flatMap(({ families }) => families.flatMap(({ cleanup }) => cleanup.kept));
  const isKubelet = kept.some(({ owner }) => owner === 'kubelet');
  return (['kubelet', 'shared', 'kube-router', 'host-ports', 'unknown'] as const).flatMap((owner) => {
    const names = [...new Set(kept.filter((chain) => chain.owner === owner).map(({ chain }) => chain))].sort();
    if (names.length === 0) return [];
    if (owner !== 'shared') return [`${STAYS[owner]}: ${someOf(names, false)}`];
    const why = isKubelet ? 'the kubelet keeps its rules there too' : 'it has rules that are not those of kube-proxy';
    return [`KUBE-FIREWALL stays (--all removes it): ${why}`];
  });
}

/** Chains of ours that somebody else's rules need. */
export function blockedProblems({ variants }: Leftovers): readonly Problem[] {
  return variants.flatMap(({ variant, families }) =>
    families.flatMap(({ cleanup }) =>
      cleanup.blocked.map(({ table, chain, rule, rules, holds }) => ({
        message: `iptables-${variant} ${FAMILY[cleanup.plan.family]} ${table} ${chain} stays: a rule of somebody else jumps to it`,
        details: [
          rules === 1 ? rule : `${rule} (and ${rules - 1} more)`,
          ...(holds.length === 0
            ? []
            : [`with it stay ${count(holds.length, 'chain', 'chains')}: ${someOf(holds, false)}`]),
        ],
        advice: 'remove that rule, or what writes it, and run cleanup again',
      })),
    ),
  );
}

/** Whether these tables have anything of kube-proxy's cannot be said. */
export function unreadProblems({ unread }: Leftovers): readonly Problem[] {
  return unread.map(({ variant, family, tables, tool, why }) => {
    if (why === 'rules-of-nft') return hiddenProblem(family, tables ?? '', tool);
    const message =
      tables === undefined
        ? `${tool} is not installed, so nothing tells whether there are ${FAMILY[family]} rules of iptables-${variant}`
        : `the kernel has ${variant} ${FAMILY[family]} tables (${tables}), and ${tool} is not installed: not looked at`;
    return { message, details: [], advice: installAdvice(tool) };
  });
}

function hiddenProblem(family: IpFamily, table: string, tool: string): Problem {
  return {
    message: `the ${FAMILY[family]} table ${table} was not looked at: it holds rules of nft, and ${tool} leaves it out`,
    details: [],
    advice:
      `nft list table ${family === 'ipv4' ? 'ip' : 'ip6'} ${table} shows it; ` +
      'move those rules to a table of their own, and run cleanup again',
  };
}

export function printProblems(problems: readonly Problem[], paint: Paint): string {
  return problems
    .map(({ message, details, advice }) =>
      [
        `${paint.severity('error', 'error:')} ${message}`,
        ...details.map((line) => `  ${plainText(line)}`),
        ...(advice === undefined ? [] : [`  ${advice}`]),
        '',
      ].join('\n'),
    )
    .join('');
}
