// Which faults each call of an apply in ipvs mode has to survive. That of iptables alone is fault-matrix.ts: here its calls are tried again where
// sets and virtual servers have been changed before them.
import type { Fault } from './fault-tools.ts';
import type { Outcome } from './fault-trial.ts';
import type { NetlinkFault } from './faulty-libc.ts';
import type { IpvsFaults } from './ipvs-place.ts';
import type { IpvsRecording } from './ipvs-trial.ts';

export interface IpvsTrial {
  readonly title: string;
  readonly faults: IpvsFaults;
  readonly expected: readonly Outcome[];
  /** It waits most of the time. */
  readonly isHanging: boolean;
}

const ANYWHERE: readonly Fault[] = ['exit', 'exit-late', 'empty', 'kill', 'kill-late'];
const ONCE: readonly Fault[] = ['missing', 'forbidden', 'hang', 'hang-late'];
const IN_OUTPUT: readonly Fault[] = ['cut', 'noise', 'listing'];
const KILLS: readonly (Fault & NetlinkFault)[] = ['signal-KILL', 'signal-late-KILL'];
const INTERRUPTS: readonly (readonly [Fault & NetlinkFault, Fault & NetlinkFault])[] = [
  ['signal-INT', 'signal-late-TERM'],
  ['signal-TERM', 'signal-late-HUP'],
  ['signal-HUP', 'signal-late-INT'],
];

/** @param isFull else only the commonest */
export function toolTrials({ calls }: IpvsRecording, isFull: boolean): readonly IpvsTrial[] {
  const own = calls.filter((call) => !call.startsWith('nsenter'));
  return own.flatMap((call, i) => {
    const interrupts = INTERRUPTS[i % INTERRUPTS.length] ?? [];
    return faultsOf(call, interrupts, isFull).map((fault) => ({
      title: `${fault} of ${call}`,
      faults: { tools: { [call]: fault } },
      expected: expectedOf(call, fault),
      isHanging: fault.startsWith('hang'),
    }));
  });
}

function faultsOf(call: string, interrupts: readonly Fault[], isFull: boolean): readonly Fault[] {
  const isCommit = call.includes('-restore_--noflush');
  if (!isOfIpvs(call)) return isCommit ? ['exit', 'exit-late', ...KILLS, ...interrupts] : isFull ? interrupts : [];
  const kills = isWrite(call) ? KILLS : KILLS.slice(0, 1);
  // What is read back is read as before.
  if (isFull && isReadBack(call)) return ['exit', 'empty', 'cut', 'kill-late', ...interrupts];
  if (!isFull) return isWrite(call) ? ['exit', 'exit-late', 'kill-late', ...kills, ...interrupts] : ['exit', 'missing'];
  return [
    ...ANYWHERE,
    ...ONCE,
    ...(isWrite(call) ? [] : IN_OUTPUT),
    ...(takesInput(call) ? (['half-input'] satisfies Fault[]) : []),
    ...kills,
    ...interrupts,
  ];
}

function isOfIpvs(call: string): boolean {
  return /^(?:ipvsadm|ipset|ip|conntrack)_/.test(call);
}

function isReadBack(call: string): boolean {
  return !isWrite(call) && !call.endsWith('.1');
}

function takesInput(call: string): boolean {
  return /_restore\.|_-R\.|_-batch_/.test(call);
}

function isWrite(call: string): boolean {
  return takesInput(call) || /^ip_link_|^ipvsadm_--set/.test(call);
}

function expectedOf(call: string, fault: Fault): readonly Outcome[] {
  if (fault.endsWith('KILL')) return ['killed'];
  if (fault.startsWith('signal-')) return ['old', 'new'];
  // How many connections are left is asked only to wait for them.
  if (call.startsWith('ipvsadm_-L_-n') && (fault === 'empty' || IN_OUTPUT.includes(fault))) return ['new'];
  // The weight 0 of what goes in any case.
  if (call.startsWith('ipvsadm_-R') && fault === 'empty') return ['old', 'new'];
  return ['old'];
}

/** While it speaks netlink, chainsmith is killed at the first and the last request of each kind, and interrupted at the last. */
export function signalTrials({ datagrams }: IpvsRecording): readonly IpvsTrial[] {
  const numbered = datagrams.map((kind, at) => [kind, at] as const);
  const first = new Set(new Map(numbered.toReversed()).values());
  const last = new Set(new Map(numbered).values());
  const places = [...new Set([...first, ...last])].toSorted((a, b) => a - b);
  return places.flatMap((at, i) => {
    const interrupts = last.has(at) ? (INTERRUPTS[i % INTERRUPTS.length] ?? []) : [];
    return [...KILLS, ...interrupts].map((how): IpvsTrial => ({
      title: `${how} at datagram ${at}: ${datagrams[at]}`,
      faults: { netlink: { at, how } },
      expected: how.endsWith('KILL') ? ['killed'] : ['old', 'new'],
      isHanging: false,
    }));
  });
}
