/** templates/report/findings: what lint found, by its rules. */
export const findingsShape = {
  summary: { kind: 'text', doc: 'how many, how bad' },
  groups: {
    kind: 'list',
    doc: 'findings of one rule with one way to mend them; the worst first',
    of: {
      severity: { kind: 'text', doc: '`error`, `warning` or `info`' },
      code: { kind: 'text', doc: 'code of the lint rule' },
      title: { kind: 'text', doc: 'the lint rule in a few words' },
      count: { kind: 'text', doc: 'how often; empty for once' },
      fix: { kind: 'text', doc: 'what to do' },
      items: {
        kind: 'list',
        doc: 'the findings',
        of: {
          place: { kind: 'text', doc: 'file and line, table and chain; empty if it has none' },
          message: { kind: 'text', doc: 'what is wrong' },
          services: {
            kind: 'list',
            doc: 'the Services that it is about',
            of: {
              target: { kind: 'text', doc: 'id of the row; empty for a Service that no rule is of' },
              name: { kind: 'text', doc: 'name of the service port' },
            },
          },
          lines: {
            kind: 'list',
            doc: 'the rules that it is about',
            of: {
              line: { kind: 'text', doc: 'line in the dump' },
              text: { kind: 'text', doc: 'the rule as it stands there' },
            },
          },
          moreLines: { kind: 'text', doc: 'how many lines are not shown; empty for none' },
        },
      },
      more: { kind: 'text', doc: 'how many are not shown; empty for none' },
    },
  },
} as const;
