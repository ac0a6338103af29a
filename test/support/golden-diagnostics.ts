/** Cases of golden/diagnostics: what is said about files that cannot be read, parsed or rendered. */
import { foldersIn } from './golden-case.ts';

export function findDiagnosticCases(root: string): readonly string[] {
  return foldersIn(root);
}

export function produceDiagnostics(folder: string): Promise<ReadonlyMap<string, string>> {
  return Promise.reject(new Error(`no reader yet for ${folder}`));
}
