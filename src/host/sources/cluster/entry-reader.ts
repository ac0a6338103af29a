import { dirname, resolve } from 'node:path';
import { fieldOf, isMapping, type Mapping } from '../../../core/util/mapping.ts';
import { describeErrno } from '../errno.ts';
import type { ClusterEnvironment } from './cluster-environment.ts';
import { ClusterError } from './cluster-error.ts';
import { badKubeconfig, type Entry } from './kubeconfig.ts';

/** Reads the fields of one entry of a kubeconfig. `null` and "" count as absent; no message quotes a value. */
export class EntryReader {
  readonly #entry: Entry;
  /** `user admin` */
  readonly #label: string;
  readonly #environment: ClusterEnvironment;

  constructor(entry: Entry, label: string, environment: ClusterEnvironment) {
    this.#entry = entry;
    this.#label = label;
    this.#environment = environment;
  }

  text(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.#wrong(name, 'a text');
  }

  boolean(name: string): boolean {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'boolean') return value === true;
    throw this.#wrong(name, 'true or false');
  }

  mapping(name: string): Mapping | undefined {
    const value = this.#value(name);
    if (value === undefined || isMapping(value)) return value;
    throw this.#wrong(name, 'a mapping');
  }

  texts(name: string): readonly string[] {
    const value = this.#value(name) ?? [];
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw this.#wrong(name, 'a list of texts');
  }

  /** As kubectl takes it: from the directory of the kubeconfig. */
  path(text: string): string {
    return resolve(dirname(this.#entry.file), text);
  }

  /** The file that a field names, if it is there. */
  async file(name: string): Promise<Uint8Array | undefined> {
    const path = this.text(name);
    if (path === undefined) return undefined;
    const absolute = this.path(path);
    return this.#environment.readFile(absolute).catch((cause: unknown) => {
      const message = `cannot read ${absolute}, the ${name} of the ${this.#label}: ${describeErrno(cause).text}`;
      throw new ClusterError('credentials', message, { advice: `It is named in ${this.#entry.file}`, cause });
    });
  }

  /** Base64 in the kubeconfig itself, or the file that another field names; kubectl prefers the former. */
  async data(name: string): Promise<Uint8Array | undefined> {
    const inline = this.text(`${name}-data`);
    if (inline === undefined) return this.file(name);
    const packed = inline.replace(/\s/g, '');
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) throw this.#wrong(`${name}-data`, 'base64');
    return Buffer.from(packed, 'base64');
  }

  #value(name: string): unknown {
    const value = fieldOf(this.#entry.fields, name);
    return value === null || value === '' ? undefined : value;
  }

  #wrong(name: string, expected: string): ClusterError {
    return badKubeconfig(this.#entry.file, `${name} of the ${this.#label} must be ${expected}`);
  }
}
