import type { IpvsMatch } from '../../../ruleset/match.ts';
import { extension, type Extension } from '../extension.ts';
import type { OptionReader } from '../option-reader.ts';
import { readPort, UINT16 } from '../read-values.ts';
import { savedAddress } from '../../../ruleset/ip-network.ts';
import type { NetworkMatch, NumberMatch, TextMatch } from '../../../ruleset/rule-values.ts';

function port(options: OptionReader, name: string): NumberMatch | undefined {
  const use = options.use(name);
  const value = options.value(use, `port up to ${UINT16}`, readPort);
  return value === undefined ? undefined : { negated: use?.negated ?? false, value };
}

/** Unlike others, this match keeps the bits behind the mask, and prints them. */
function address(options: OptionReader): NetworkMatch | undefined {
  const match = options.network('--vaddr');
  const given = options.use('--vaddr')?.values[0]?.split('/')[0];
  const whole = given === undefined ? undefined : savedAddress(given);
  if (match === undefined || whole === undefined) return match;
  const { network } = match;
  const mask = network.text.slice(network.text.indexOf('/'));
  return { ...match, network: { ...network, text: `${whole.text}${mask}` } };
}

/** A word out of `known`, in any case. */
function word(options: OptionReader, name: string, known: readonly string[]): TextMatch | undefined {
  const use = options.use(name);
  const value = options.value(use, known.join(' or '), (text) => known.find((item) => item === text.toUpperCase()));
  return value === undefined ? undefined : { negated: use?.negated ?? false, value };
}

export const ipvs: Extension<IpvsMatch> = extension(
  { '--ipvs': 0, '--vproto': 1, '--vaddr': 1, '--vport': 1, '--vdir': 1, '--vmethod': 1, '--vportctl': 1 },
  (options) => {
    const own = options.use('--ipvs');
    return {
      kind: 'ipvs',
      ipvs: own === undefined ? undefined : { negated: own.negated },
      protocol: options.protocol('--vproto'),
      address: address(options),
      port: port(options, '--vport'),
      direction: word(options, '--vdir', ['ORIGINAL', 'REPLY']),
      method: word(options, '--vmethod', ['GATE', 'IPIP', 'MASQ']),
      controlPort: port(options, '--vportctl'),
    };
  },
);
