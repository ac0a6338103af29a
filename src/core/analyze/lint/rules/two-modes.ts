import type { Found } from '../finding.ts';
import type { DumpView } from '../dump-view.ts';
import type { LintRule } from '../lint-rule.ts';
import { evidenceOfModes } from '../proxy-modes.ts';

export const twoModes: LintRule = {
  code: 'two-modes',
  severity: 'warning',
  title: 'rules of two modes of kube-proxy at once',
  needs: 'rules',
  holds: 'One mode of kube-proxy has written the rules of a node: iptables, ipvs or userspace.',
  why: 'kube-proxy does not reliably remove what it wrote in another mode before. The rules of both are asked for every packet: those of the old mode know the Services and endpoints of the day of the switch, and refuse or misdirect what has changed since.',
  issues: ['kubernetes/kubernetes#102314', 'kubernetes/kubernetes#109286'],
  fix: 'Remove the rules of all modes and let kube-proxy write its own again: chainsmith cleanup, then restart kube-proxy. A reboot does it too.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump(dump: DumpView): readonly Found[] {
  const evidence = [...evidenceOfModes(dump)];
  if (evidence.length < 2) return [];
  const places = evidence.flatMap(([, chains]) =>
    chains.flatMap(({ table, chain }) => dump.table(table)?.place(chain) ?? []),
  );
  const modes = evidence.map(
    ([mode, chains]) => `${mode} (${chains.map(({ table, chain }) => `${table} ${chain}`).join(', ')})`,
  );
  return [{ message: `rules of ${modes.join(' and of ')}`, place: places[0], related: places.slice(1) }];
}
