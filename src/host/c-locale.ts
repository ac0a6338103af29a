/** So that messages of programs can be told apart by their words. */
export const C_LOCALE: Readonly<Record<string, string>> = { LC_ALL: 'C' };
