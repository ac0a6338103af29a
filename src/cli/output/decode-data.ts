import type {
  DecodedEndpoint,
  DecodedRules,
  DecodedServicePort,
  EndpointChoice,
} from '../../core/analyze/decode/decoded-rules.ts';
import { exactShare, type Share } from '../../core/analyze/decode/share.ts';

/** What `decode -o json` and `-o yaml` print. Scripts rely on it: fields are added, never renamed. What is not known is left out. */
export interface DecodeData {
  readonly families: readonly FamilyData[];
}

export interface DecodedFamily {
  readonly file: string;
  readonly rules: DecodedRules;
}

type FamilyData = Omit<DecodedRules, 'servicePorts'> & {
  readonly file: string;
  readonly servicePorts: readonly PortData[];
};

type PortData = Omit<DecodedServicePort, 'endpoints' | 'cluster' | 'local'> & {
  readonly endpoints: readonly EndpointData[];
  readonly cluster: ChoiceData | undefined;
  readonly local: ChoiceData | undefined;
};

type EndpointData = Omit<DecodedEndpoint, 'cluster' | 'local'> & {
  readonly cluster: ShareData | undefined;
  readonly local: ShareData | undefined;
};

type ChoiceData = Omit<EndpointChoice, 'lost'> & { readonly lost: ShareData | undefined };

export interface ShareData {
  readonly ratio: number;
  readonly oneOf: number | undefined;
  readonly precision: Share['precision'];
  /** The exact fraction, in lowest terms: decimal digits, as they are too long for numbers. Left out for more than 256 draws. */
  readonly numerator: string | undefined;
  readonly denominator: string | undefined;
}

/** Each draw has 31 bits, so that the digits of all endpoints of a Service grow with the square of their number. */
const MOST_DRAWS = 256;

export function decodeData(families: readonly DecodedFamily[]): DecodeData {
  return {
    families: families.map(({ file, rules: { servicePorts, ...rules } }) => ({
      file,
      ...rules,
      servicePorts: servicePorts.map(portData),
    })),
  };
}

function portData({ endpoints, cluster, local, ...port }: DecodedServicePort): PortData {
  return {
    ...port,
    endpoints: endpoints.map((endpoint) => ({
      ...endpoint,
      cluster: shareData(endpoint.cluster),
      local: shareData(endpoint.local),
    })),
    cluster: cluster === undefined ? undefined : { ...cluster, lost: shareData(cluster.lost) },
    local: local === undefined ? undefined : { ...local, lost: shareData(local.lost) },
  };
}

function shareData(share: Share | undefined): ShareData | undefined {
  if (share === undefined) return undefined;
  const exact = share.chance.draws > MOST_DRAWS ? undefined : exactShare(share);
  const { ratio, oneOf, precision } = share;
  return {
    ratio,
    oneOf,
    precision,
    numerator: exact === undefined ? undefined : String(exact.numerator),
    denominator: exact === undefined ? undefined : String(exact.denominator),
  };
}
