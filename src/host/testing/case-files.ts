/** What a case is about; all that are there are read. `case.yaml` can name others. */
export const INPUTS: readonly string[] = ['input', 'input.yaml', 'input.json', 'snapshot.json', 'snapshot.yaml'];

/** What is said of the input. */
export const DIAGNOSTICS = 'diagnostics.txt';

const RULES: readonly string[] = ['iptables.rules', 'ip6tables.rules', 'ipvs.rules', 'ipset.rules'];
/** Of the ipvs mode. A folder is no case for it: others may have a file of this name. */
const ADDRESSES = 'addresses.txt';

/** What is expected, as `compile --out` writes it, and the messages. */
export const EXPECTED: readonly string[] = [...RULES, ADDRESSES, DIAGNOSTICS];

export const CASE_OPTIONS = 'case.yaml';
export const FLOWS = 'flows.yaml';
export const CONFIG = 'config.yaml';

/** Options of all cases in the folder and below it. */
export const DEFAULT_OPTIONS = 'defaults.yaml';

/** A folder that has one of these is a case. */
export const MARKS: readonly string[] = [...INPUTS, CASE_OPTIONS, FLOWS, ...RULES];

/** Every name that means something in a case. */
export const KNOWN: readonly string[] = [...MARKS, ADDRESSES, DIAGNOSTICS, CONFIG, DEFAULT_OPTIONS];
