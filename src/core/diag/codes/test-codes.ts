export const testCodes = {
  'test-no-cases': {
    severity: 'error',
    title: 'there is no case to test',
    explanation:
      'chainsmith test looks in a directory, and in those below it, for cases: a case is a folder with an input (input.yaml, input/ or snapshot.json, or case.yaml with filename), and beside it what is expected: iptables.rules, ip6tables.rules, flows.yaml. None was found, or --filter left none. docs/test.md shows a case.',
  },
  'test-case-incomplete': {
    severity: 'error',
    title: 'a case that tests nothing',
    explanation:
      'The folder looks like a case, and lacks an input, or anything that is expected of it. Such a case would pass whatever the rules are. Add the input (input.yaml, input/ or snapshot.json, or filename in case.yaml), and flows.yaml or expected rules; chainsmith test --update writes the rules of a case that has neither.',
  },
  'test-unknown-file': {
    severity: 'error',
    title: 'a file of a case with a misspelt name',
    explanation:
      'The name is nearly that of a file that chainsmith test reads, and what is in it would be passed over. Rename it; files with other names, such as README.md, may be there.',
  },
  'test-unreadable': {
    severity: 'error',
    title: 'a file of a case that does not hold one document',
    explanation:
      'case.yaml, defaults.yaml and flows.yaml hold one YAML document each: a mapping of options, or a list of flows. The file is empty, holds several documents, or something else.',
  },
  'test-unknown-key': {
    severity: 'error',
    title: 'a key that case.yaml or flows.yaml does not have',
    explanation:
      'The keys of case.yaml and defaults.yaml are the long options of chainsmith compile without the dashes; those of flows.yaml are described in docs/test.md. A misspelt key would make a case that tests something else, so the case is not run.',
  },
  'test-invalid-value': {
    severity: 'error',
    title: 'a value in case.yaml or flows.yaml that cannot be',
    explanation:
      'The key is known, and its value is not possible, or contradicts another. The case is not run. docs/test.md shows all forms.',
  },
  'test-flow-unresolved': {
    severity: 'error',
    title: 'a flow of which it is not known where it comes from or goes to',
    explanation:
      'from and to of a flow can name Pods and Services of the input. This flow names one that is not there or has no address, or its ends are of two address families, or no rules of its family are compiled. The case counts as an error, since the flow could not be followed.',
  },
} as const;
