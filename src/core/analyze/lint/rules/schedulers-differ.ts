import type { Found } from '../finding.ts';
import type { IpvsView } from '../ipvs-view.ts';
import { draftText } from '../ipvs-words.ts';
import { listed } from '../places.ts';
import type { LintRule } from '../lint-rule.ts';

export const schedulersDiffer: LintRule = {
  code: 'schedulers-differ',
  severity: 'warning',
  title: 'virtual servers of Services with different schedulers',
  needs: 'ipvs-and-sets',
  holds:
    'All virtual servers of kube-proxy have one scheduler, and those of one node port or Service address the same persistence.',
  why: 'ipvs.scheduler holds for all Services. Where some have another one, they were made before it was changed and kube-proxy has not written since, or somebody changed them by hand.',
  issues: [],
  fix: 'Restart kube-proxy, which changes them all.',
  check: ({ ipvs }) => ipvs.flatMap(inFamily),
};

function inFamily({ drafts, serverPlace }: IpvsView): readonly Found[] {
  const counts = new Map<string, string[]>();
  for (const draft of drafts) {
    const [server] = draft.servers;
    if (server === undefined || draft.kind === 'virtual-server') continue;
    const name = [server.scheduler, ...server.schedulerFlags].join(' ');
    counts.set(name, [...(counts.get(name) ?? []), draftText(draft)]);
  }
  if (counts.size < 2) return [];
  const [, ...others] = [...counts].sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1));
  return others.map(([name, texts]) => ({
    message: `${listed(texts)} use${texts.length === 1 ? 's' : ''} ${name}, unlike the rest`,
    place: serverPlace,
  }));
}
