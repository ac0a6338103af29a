import { unwanted } from '../drift.ts';
import { groupedBy } from '../grouped.ts';
import type { Place } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { firstOf, listed } from '../places.ts';
import { frontendText } from '../frontend.ts';

export const serviceUnexpected: LintRule = {
  code: 'service-unexpected',
  severity: 'warning',
  title: 'rules for a Service or address that the cluster does not have',
  needs: 'snapshot',
  holds: 'Every address that the rules serve or refuse is one of a Service of the snapshot.',
  why: 'The Service was deleted or lost the address, and the node did not follow; or its rules are of another cluster. If another Service is given the address, its connections go astray.',
  issues: ['kubernetes/kubernetes#112604', 'k3s-io/k3s#7244'],
  fix: 'Look at the log of kube-proxy on the node, and restart it. If the snapshot is older than the dump, take both again.',
  check: (context) => {
    const groups = groupedBy(unwanted(context), ({ dump, item }) => {
      const service = 'verdict' in item ? item.service : dump.services.serviceOf(item.chain);
      return `${dump.file} ${service ?? frontendText(item)}`;
    });
    return [...groups.values()].flatMap(([first, ...more]) => {
      if (first === undefined) return [];
      const { dump, item } = first;
      const service = 'verdict' in item ? item.service : dump.services.serviceOf(item.chain);
      const texts = [...new Set([first, ...more].map((one) => frontendText(one.item)))];
      return [
        {
          message: `${service ?? 'a Service'} at ${listed(texts)} is not in the snapshot`,
          place: placeOf(first),
          service,
          related: firstOf(more).flatMap((one) => placeOf(one) ?? []),
        },
      ];
    });
  },
};

function placeOf({ dump, item }: ReturnType<typeof unwanted>[number]): Place | undefined {
  return 'verdict' in item ? item.table.place(item.chain, item.rule) : dump.table('nat')?.place(item.from, item.rule);
}
