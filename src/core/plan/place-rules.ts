export interface RuleText {
  /** As the node or the plan spells it. */
  readonly line: string;
  /** In its one spelling. */
  readonly text: string;
}

/** Each moved rule before the rule that follows it in `wanted`, if that is still there; else at the end if it was last, or first. */
export function placeRules(
  wanted: readonly RuleText[],
  isMoved: (rule: RuleText) => boolean,
  foreign: readonly RuleText[],
): readonly RuleText[] {
  const texts = foreign.map(({ text }) => text);
  const before = new Map<number, readonly RuleText[]>();
  let from = 0;
  let pending: RuleText[] = [];
  for (const rule of wanted) {
    if (isMoved(rule)) {
      pending.push(rule);
      continue;
    }
    const at = texts.indexOf(rule.text, from);
    if (at < 0) continue;
    before.set(at, pending);
    pending = [];
    from = at + 1;
  }
  const all = foreign.flatMap((rule, i) => [...(before.get(i) ?? []), rule]);
  return before.size === 0 ? [...pending, ...all] : [...all, ...pending];
}
