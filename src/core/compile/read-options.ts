import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import { parseCidr, parseIp, type Cidr, type Ip } from '../model/ip.ts';
import type { ApiServerOptions } from '../model/prepare-options.ts';
import type { NodeOptions } from '../services/node-facts.ts';
import type { CompileOptions } from './compile.ts';
import type { IptablesFeatures } from './iptables/compile-context.ts';

/** The options as values. */
export interface CheckedOptions {
  readonly apiServer: ApiServerOptions;
  readonly node: NodeOptions;
  readonly features: IptablesFeatures;
}

const DEFAULT_NODE_PORT_RANGE = '30000-32767';

/** Checks every option; each fault is reported, and its default stands in. */
export function readOptions(options: CompileOptions): CheckedOptions & { readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const wrong = (option: string, text: string, expected: string): void => {
    const message = `${option} must be ${expected}, not ${JSON.stringify(text)}`;
    diagnostics.push(diagnose('config-invalid-value', { message }));
  };
  const ips = (option: string, texts: readonly string[] = []): readonly Ip[] =>
    texts.flatMap((text) => {
      const ip = parseIp(text);
      if (ip === undefined) wrong(option, text, 'an IP address');
      return ip ?? [];
    });
  return {
    apiServer: {
      applyDefaults: options.applyDefaults ?? true,
      serviceCidrs: readServiceCidrs(options.serviceCidrs ?? [], wrong),
      nodePortRange: readPortRange(options.nodePortRange ?? DEFAULT_NODE_PORT_RANGE, wrong),
    },
    node: {
      name: options.node,
      ips: onePerFamily(ips('--node-ip', options.nodeIps), (ip) =>
        wrong('--node-ip', ip.text, 'one address per family'),
      ),
      localIps: ips('--local-ip', options.localIps),
      zone: options.zone,
    },
    features: { nfacct: options.nfacct ?? false, randomFully: options.randomFully ?? true },
    diagnostics,
  };
}

type Wrong = (option: string, text: string, expected: string) => void;

function readServiceCidrs(texts: readonly string[], wrong: Wrong): readonly Cidr[] {
  const cidrs = texts.flatMap((text) => {
    const cidr = parseCidr(text.trim());
    if (cidr === undefined) wrong('--service-cidr', text, 'a CIDR such as 10.96.0.0/16');
    return cidr ?? [];
  });
  return onePerFamily(cidrs, (cidr) => wrong('--service-cidr', cidr.text, 'one range per family'));
}

function onePerFamily<T extends Ip | Cidr>(items: readonly T[], onSecond: (item: T) => void): readonly T[] {
  return items.filter((item, i) => {
    const first = items.findIndex((other) => other.family === item.family) === i;
    if (!first) onSecond(item);
    return first;
  });
}

function readPortRange(text: string, wrong: Wrong): ApiServerOptions['nodePortRange'] {
  const [, from, to] = /^([0-9]{1,5})-([0-9]{1,5})$/.exec(text.trim()) ?? [];
  const range = { from: Number(from), to: Number(to) };
  if (range.from >= 1 && range.from <= range.to && range.to <= 65_535) return range;
  wrong('--service-node-port-range', text, `two ports such as ${DEFAULT_NODE_PORT_RANGE}`);
  return { from: 30_000, to: 32_767 };
}
