/** Where the way back of an apply is kept, unless --state-dir says otherwise. By itself, as the help of every command names it. */
export const DEFAULT_STATE_DIR = '/var/lib/chainsmith';
