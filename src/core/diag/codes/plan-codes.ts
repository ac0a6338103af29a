export const planCodes = {
  'plan-unreadable': {
    severity: 'error',
    title: 'a plan file that is no JSON',
    explanation:
      'The file is not what chainsmith plan --out writes: it was cut, or it is something else. Nothing was changed. Make the plan again: chainsmith plan ... --out plan.json',
  },
  'plan-unknown-version': {
    severity: 'error',
    title: 'a file that is no plan, or one of another version',
    explanation:
      'A plan says with apiVersion and kind what it is. This file says something else: it is another file, such as a manifest, or a plan of a version of chainsmith that writes plans in another form. Nothing was changed. Make the plan again with this version.',
  },
  'plan-refused': {
    severity: 'error',
    title: 'a plan file that says more than a plan can',
    explanation:
      'Plans are carried out by root, so a file is checked as if a stranger had written it: chains must be those of kube-proxy, each rule must be one rule of its chain, built-in chains may get and lose jumps to those chains only, and edits must lead from the rules before to the rules after. This file breaks that at the place named, as nothing that chainsmith plan wrote does: it was damaged, or changed by hand. Nothing was changed. Make the plan again.',
  },
} as const;
