import { Option } from 'commander';

/** An option whose values add up when it is given several times. All others that take a value may be given once. */
export class RepeatableOption extends Option {}
