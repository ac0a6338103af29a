/** templates/report/page: the whole file. */
export const pageShape = {
  title: { kind: 'text', doc: 'title of the window and first heading' },
  style: { kind: 'markup', doc: 'the style sheet' },
  styleHash: { kind: 'text', doc: 'its hash, `sha256-…`: no other is let in' },
  script: { kind: 'markup', doc: 'the script of the search' },
  scriptHash: { kind: 'text', doc: 'its hash' },
  sources: {
    kind: 'list',
    doc: 'one for each family of each dump',
    of: {
      name: { kind: 'text', doc: 'file and family' },
      writer: { kind: 'text', doc: 'who wrote the rules' },
      facts: {
        kind: 'list',
        doc: 'what holds for all Services',
        of: { label: { kind: 'text', doc: 'what it is' }, value: { kind: 'text', doc: 'what it is here' } },
      },
    },
  },
  links: {
    kind: 'list',
    doc: 'the sections of the page',
    of: { target: { kind: 'text', doc: 'id of the section' }, text: { kind: 'text', doc: 'its name and size' } },
  },
  problems: {
    kind: 'list',
    doc: 'what could not be read',
    of: { severity: { kind: 'text', doc: 'how bad' }, text: { kind: 'text', doc: 'where, and what' } },
  },
  trace: { kind: 'markup', doc: 'the section of the packet; empty for none' },
  findings: { kind: 'markup', doc: 'the section of the findings' },
  services: { kind: 'markup', doc: 'the section of the Services' },
  rest: {
    kind: 'list',
    doc: 'what belongs to no Service',
    of: {
      title: { kind: 'text', doc: 'what they are, and how many' },
      items: {
        kind: 'list',
        doc: 'chains, sets or rules',
        of: {
          line: { kind: 'text', doc: 'where in the dump' },
          text: { kind: 'text', doc: 'its name, or the rule' },
          note: { kind: 'text', doc: 'what is to be said of it; empty for nothing' },
        },
      },
      more: { kind: 'text', doc: 'how many are not shown; empty for none' },
    },
  },
  made: { kind: 'text', doc: 'by which version the page was made' },
} as const;
