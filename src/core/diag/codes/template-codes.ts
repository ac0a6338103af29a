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
} as const;
