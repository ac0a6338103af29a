import { sharesOf } from '../choice-shares.ts';
import type { LintRule } from '../lint-rule.ts';
import type { Choice } from '../endpoint-choice.ts';

export const fiveDecimals: LintRule = {
  code: 'five-decimals',
  severity: 'warning',
  title: 'probabilities are too coarse for so many endpoints',
  needs: 'rules',
  holds: 'No two rules that choose an endpoint one after the other have the same probability.',
  why: 'Old versions of kube-proxy write probabilities with five decimals. With 319 endpoints and more 1/N and 1/(N-1) become the same number, and the endpoints in front get more than those behind.',
  issues: ['kubernetes/kubernetes#83599', 'kubernetes/kubernetes#37932'],
  fix: 'Use a newer kube-proxy: ten decimals are enough for 100,000 endpoints.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) =>
      services.choices.flatMap((choice) => {
        const repeated = firstRepeated(choice);
        const { shares } = sharesOf(choice) ?? { shares: [] };
        if (repeated === undefined || shares.length === 0 || services.nat === undefined) return [];
        const { least, most } = shares.reduce(
          (range, share) => ({ least: Math.min(range.least, share), most: Math.max(range.most, share) }),
          { least: 1, most: 0 },
        );
        return [
          {
            message: `${services.label(choice.chain.name)}: ${choice.entries.length} endpoints get from ${fine(least)} to ${fine(most)} (${((most / least - 1) * 100).toPrecision(2)} % apart)`,
            place: services.nat.place(choice.chain.name, repeated.rule),
            service: services.serviceOf(choice.chain.name),
          },
        ];
      }),
    ),
};

/** From here on five decimals of 1/N and 1/(N-1) can be the same. */
const COARSE_FROM = 319;

function firstRepeated({ entries }: Choice): Choice['entries'][number] | undefined {
  if (entries.length < COARSE_FROM) return undefined;
  return entries.find(({ threshold }, i) => threshold !== undefined && entries[i - 1]?.threshold === threshold);
}

function fine(share: number): string {
  return `${(share * 100).toPrecision(4)} %`;
}
