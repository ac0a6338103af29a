import type { SourceIo } from './source-io.ts';

/** ENOENT as Node throws it. */
function notFound(path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT', errno: -2 });
}

/** A tree of files in memory, for tests and for programs that have their manifests elsewhere. Keys are paths with `/`. */
export function memoryIo(files: { readonly [path: string]: string | Uint8Array }, stdin: string = ''): SourceIo {
  const bytes = (content: string | Uint8Array): Uint8Array =>
    typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const namesIn = (path: string): string[] => {
    const prefix = `${path.replace(/\/$/, '')}/`;
    const inside = Object.keys(files).filter((name) => name.startsWith(prefix));
    return [...new Set(inside.map((name) => name.slice(prefix.length).split('/')[0] ?? ''))];
  };
  return {
    readFile: (path) => {
      const content = files[path];
      return content === undefined ? Promise.reject(notFound(path)) : Promise.resolve(bytes(content));
    },
    list: (path) => Promise.resolve(namesIn(path)),
    stat: (path) => {
      if (files[path] !== undefined) return Promise.resolve({ kind: 'file', id: path });
      if (namesIn(path).length > 0) return Promise.resolve({ kind: 'directory', id: path });
      return Promise.reject(notFound(path));
    },
    readStdin: () => Promise.resolve(bytes(stdin)),
  };
}
