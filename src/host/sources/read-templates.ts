import { decodeText } from './decode-text.ts';
import { filesBelow } from './expand-paths.ts';
import { SourceError, sourceErrorOf } from './source-error.ts';
import { nodeIo, type SourceIo } from './source-io.ts';

export interface TemplateFile {
  readonly text: string;
  /** Its path, for messages. */
  readonly file: string;
}

/** All `*.hbs` files below a directory, keyed by the path from there: `nat/KUBE-SVC.hbs`. */
export async function readTemplates(folder: string, io: SourceIo = nodeIo): Promise<ReadonlyMap<string, TemplateFile>> {
  const templates = new Map<string, TemplateFile>();
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  for (const file of await filesBelow(folder, { io, wanted: /\.hbs$/ })) {
    const bytes = await io.readFile(file).catch((error: unknown) => {
      throw sourceErrorOf(file, error);
    });
    const decoded = decodeText(bytes, file);
    if ('problem' in decoded) throw new SourceError(file, decoded.problem.message);
    templates.set(file.slice(prefix.length), { text: decoded.text, file });
  }
  if (templates.size === 0) {
    throw new SourceError(folder, 'it holds no template; templates are named TABLE/CHAIN.hbs, like nat/KUBE-SVC.hbs');
  }
  return templates;
}
