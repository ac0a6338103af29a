export const templateCodes = {
  'template-syntax': {
    severity: 'error',
    title: 'a template that Handlebars cannot read',
    explanation: 'The file given with --templates is not valid Handlebars. Nothing is compiled with a broken template.',
  },
  'template-unknown-field': {
    severity: 'error',
    title: 'a template uses a field that its view does not have',
    explanation:
      'Templates are strict: each field must exist in the view of the chain. templates/README.md lists the fields of each view.',
  },
  'template-unknown-file': {
    severity: 'error',
    title: 'a template for a chain that does not exist',
    explanation:
      'Files under --templates are named TABLE/CHAIN.hbs like those in templates/iptables. The message names the nearest one.',
  },
  'template-not-allowed': {
    severity: 'error',
    title: 'a Handlebars feature that templates may not use',
    explanation:
      'Templates have each, if, unless, else and ../ only: no helpers, partials, decorators or inline code, so that what a person reads is what a node gets.',
  },
  'template-bad-rule': {
    severity: 'error',
    title: 'a template prints something else than rules of its chain',
    explanation:
      'Each line that a template given with --templates prints must be one rule of its own chain, "-A CHAIN ...", or a comment that begins with "#". It is read as iptables-restore reads it: no second command in the line, no other table, no program to run, quotes closed, one target at most, and jumps only to chains of the table and to targets that exist there. Anything else could change chains that are not its own, or make iptables-restore refuse everything. No rules were printed.',
  },
  'template-empty-chain': {
    severity: 'warning',
    title: 'a template prints no rule where the built-in one does',
    explanation:
      'A chain without rules lets every packet through to whatever comes next: an empty KUBE-MARK-MASQ, for example, means that nothing is masqueraded. If that is meant, silence the code.',
  },
} as const;
