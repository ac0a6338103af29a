/** What a case is about; all that are there are read. `case.yaml` can name others. */
export const INPUTS: readonly string[] = ['input', 'input.yaml', 'input.json', 'snapshot.json', 'snapshot.yaml'];

/** What is said of the input. */
export const DIAGNOSTICS = 'diagnostics.txt';

/** The rules that are expected, as `compile --out` writes them, and the messages. */
export const EXPECTED: readonly string[] = ['iptables.rules', 'ip6tables.rules', DIAGNOSTICS];

export const CASE_OPTIONS = 'case.yaml';
export const FLOWS = 'flows.yaml';
export const CONFIG = 'config.yaml';

/** Options of all cases in the folder and below it. */
export const DEFAULT_OPTIONS = 'defaults.yaml';

/** A folder that has one of these is a case. */
export const MARKS: readonly string[] = [...INPUTS, CASE_OPTIONS, FLOWS, 'iptables.rules', 'ip6tables.rules'];

/** Every name that means something in a case. */
export const KNOWN: readonly string[] = [...MARKS, DIAGNOSTICS, CONFIG, DEFAULT_OPTIONS];
