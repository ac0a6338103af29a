import { ipvsSchedulers } from '../ipvs-schedulers.ts';
import type { IpvsConfig } from '../proxy-config.ts';
import { describeValue } from '../../util/mapping.ts';
import { invalidChoice, invalidValue, type ConfigProblem } from './config-problem.ts';
import type { ConfigReader } from './config-reader.ts';
import { decodeCidrs, type Decoded } from './decode-local-detection.ts';
import { durationSeconds } from './go-duration.ts';

/** kube-proxy's own (pkg/proxy/ipvs). */
const DEFAULT_SCHEDULER = 'rr';

/** The kernel takes whole seconds in 32 bits (IPVS_CMD_ATTR_TIMEOUT_TCP in linux/ip_vs.h). */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

export const DEFAULT_IPVS: IpvsConfig = {
  scheduler: DEFAULT_SCHEDULER,
  excludeCidrs: [],
  strictArp: false,
  timeouts: { tcp: 0, tcpFin: 0, udp: 0 },
};

/** The section `ipvs`, which kube-proxy checks and reads in that mode only. */
export function decodeIpvsConfig(read: ConfigReader): Decoded<IpvsConfig> {
  const scheduler = decodeScheduler(read);
  const excludeCidrs = decodeCidrs(['ipvs', 'excludeCIDRs'], read.strings('ipvs', 'excludeCIDRs'));
  const [tcp, tcpFin, udp] = [
    decodeTimeout(read, 'tcpTimeout'),
    decodeTimeout(read, 'tcpFinTimeout'),
    decodeTimeout(read, 'udpTimeout'),
  ];
  return {
    value: {
      scheduler: scheduler.value,
      excludeCidrs: excludeCidrs.value,
      strictArp: read.boolean('ipvs', 'strictARP') ?? DEFAULT_IPVS.strictArp,
      timeouts: { tcp: tcp.value, tcpFin: tcpFin.value, udp: udp.value },
    },
    problems: [scheduler, excludeCidrs, tcp, tcpFin, udp].flatMap((d) => d.problems),
  };
}

function decodeScheduler(read: ConfigReader): Decoded<string> {
  const text = read.string('ipvs', 'scheduler') ?? '';
  if (text === '') return { value: DEFAULT_SCHEDULER, problems: [] };
  if (ipvsSchedulers.includes(text)) return { value: text, problems: [] };
  return { value: DEFAULT_SCHEDULER, problems: [invalidChoice(['ipvs', 'scheduler'], text, ipvsSchedulers)] };
}

/** Fractions of a second are cut off, as the kernel counts whole ones. */
function decodeTimeout(read: ConfigReader, field: string): Decoded<number> {
  const path = ['ipvs', field];
  const text = read.string(...path) ?? '';
  const seconds = text === '' ? 0 : durationSeconds(text);
  // What is no duration at all is told of by checkFields.
  if (seconds === undefined) return { value: 0, problems: [] };
  const problem: ConfigProblem | undefined =
    seconds < 0
      ? invalidValue(path, `${describeValue(text)} is less than 0`)
      : seconds > LONGEST_TIMEOUT
        ? invalidValue(path, `${describeValue(text)} is longer than the kernel can count`)
        : undefined;
  return problem === undefined ? { value: Math.trunc(seconds), problems: [] } : { value: 0, problems: [problem] };
}
