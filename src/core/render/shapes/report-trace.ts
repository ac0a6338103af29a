/** templates/report/trace: what becomes of one packet. */
export const traceShape = {
  title: { kind: 'text', doc: 'the packet' },
  decisions: {
    kind: 'list',
    doc: 'which chains choose an endpoint',
    of: { text: { kind: 'text', doc: 'one of them' } },
  },
  nothing: { kind: 'text', doc: 'why there is no outcome; empty if there are' },
  parts: {
    kind: 'list',
    doc: 'what all outcomes have in common, then outcomes that differ in the endpoint alone',
    of: {
      title: { kind: 'text', doc: 'what becomes of the packet' },
      cost: { kind: 'text', doc: 'how many rules were asked; empty for the common part' },
      outcomes: {
        kind: 'list',
        doc: 'how likely each is; empty where there is but one',
        of: {
          share: { kind: 'text', doc: '`33.3 %`, and under which conditions' },
          end: { kind: 'text', doc: 'the endpoint, or what becomes of the packet' },
          lines: { kind: 'text', doc: 'lines of its own rules' },
        },
      },
      more: { kind: 'text', doc: 'how many are not shown; empty for none' },
      steps: {
        kind: 'list',
        doc: 'the rules that matched, in order',
        of: {
          hook: { kind: 'text', doc: 'hook of the kernel' },
          chain: { kind: 'text', doc: 'table and chain; empty for what conntrack does' },
          line: { kind: 'text', doc: 'line in the dump; empty for a policy' },
          rule: { kind: 'text', doc: 'the rule without its comments; empty for a policy' },
          meaning: { kind: 'text', doc: 'what it did' },
        },
      },
    },
  },
  assumed: {
    kind: 'list',
    doc: 'what rules do not say, and is assumed',
    of: {
      text: { kind: 'text', doc: 'what, and by which line' },
      flag: { kind: 'text', doc: 'the option that says it; empty for none' },
    },
  },
  open: {
    kind: 'list',
    doc: 'what is not known, so that both ways were followed',
    of: {
      text: { kind: 'text', doc: 'what, and by which line' },
      flag: { kind: 'text', doc: 'the option that says it; empty for none' },
    },
  },
  gaveUp: { kind: 'flag', doc: 'not all ways could be followed' },
} as const;
