// What the last apply replaced, so that `chainsmith undo` can put it back. One file per network namespace. It is written before the first
// change (`pending`), and becomes `last` when the apply has succeeded: a `pending` one that is found later is from an apply that was killed.
import { constants } from 'node:fs';
import { access, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fieldOf, isMapping } from '../../core/util/mapping.ts';
import { writeFileAtomically } from '../atomic-file.ts';
import { HostError } from '../host-error.ts';
import { describeErrno } from '../sources/errno.ts';

/** Rules do not survive a reboot, and the numbers of namespaces are given again after one. */
const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const API_VERSION = 'chainsmith/v1';
const KIND = 'ApplyState';
/** Characters for the fingerprints of both families and of IPVS, 64 digits each. */
const ROOM = 300;

export interface StoredState {
  readonly kind: 'last' | 'pending';
  /** The plan document of that apply, not yet checked. */
  readonly document: unknown;
  /** Of the chains that the apply wrote, as they were after it, by family; none in a pending one. */
  readonly fingerprint: { readonly [family: string]: string };
  readonly path: string;
}

export class StateFile {
  readonly #folder: string;
  /** What this process has written as the pending state. */
  #written: { readonly document: string; readonly bootId: string } | undefined;

  /** @param namespace the network namespace's `identity` */
  constructor(stateDir: string, namespace: string) {
    this.#folder = join(stateDir, `netns-${namespace}`);
  }

  #path(kind: StoredState['kind']): string {
    return join(this.#folder, `${kind}-apply.json`);
  }

  /** Before the first change. `document` is JSON. */
  async writePending(document: string): Promise<void> {
    const path = this.#path('pending');
    try {
      await this.#write('pending', document, {});
    } catch (error) {
      throw new HostError(`${path} cannot be written: ${describeErrno(error).text}`, {
        advice: 'undo needs this file; another folder can be named with --state-dir DIR',
        cause: error,
      });
    }
  }

  async #write(kind: StoredState['kind'], document: string, fingerprint: StoredState['fingerprint']): Promise<void> {
    const boot = await bootId();
    // Put together as text: the document of a large apply is megabytes of JSON.
    await writeFileAtomically(this.#path(kind), `${headOf(boot, fingerprint)},"document":${document}}\n`);
    if (kind === 'pending') this.#written = { document, bootId: boot };
  }

  /**
   * The apply has succeeded: what was stored before it is forgotten. The node is right by now, so a full disk is no failure: the pending state
   * can undo it as well, and takes no room to rename.
   */
  async keepPending(document: string, fingerprint: StoredState['fingerprint']): Promise<void> {
    if (await this.#completePending(document, fingerprint).catch(() => false)) return;
    try {
      await this.#write('last', document, fingerprint);
    } catch {
      await this.promotePending().catch(() => {});
      return;
    }
    await this.dropPending();
  }

  /**
   * The same without writing the document again. Linux looks for a deadly signal between pages only (generic_perform_write in mm/filemap.c), and the beginning of the file lies in
   * one: a process that is killed leaves a pending state, with the fingerprint or without.
   */
  async #completePending(document: string, fingerprint: StoredState['fingerprint']): Promise<boolean> {
    if (this.#written?.document !== document) return false;
    const before = headOf(this.#written.bootId, {});
    const head = headOf(this.#written.bootId, fingerprint);
    if (head.length !== before.length) return false;
    const file = await open(this.#path('pending'), constants.O_WRONLY | constants.O_NOFOLLOW);
    try {
      const { bytesWritten } = await file.write(head, 0);
      if (bytesWritten !== head.length) return false;
    } finally {
      await file.close();
    }
    await this.promotePending();
    return true;
  }

  /** Before the way back of an apply that was cut short is gone: it must not be lost if going back fails. */
  async promotePending(): Promise<void> {
    await rename(this.#path('pending'), this.#path('last'));
  }

  /** Before an undo: from now on the node may be anywhere between the two, and each further try leads to the same place. */
  async demoteLast(): Promise<void> {
    await rename(this.#path('last'), this.#path('pending'));
  }

  async dropPending(): Promise<void> {
    await rm(this.#path('pending'), { force: true });
  }

  async dropLast(): Promise<void> {
    await rm(this.#path('last'), { force: true });
  }

  /** That of an apply that was killed; undefined if there is none, or none that can be read. */
  async readPending(): Promise<StoredState | undefined> {
    return await this.#readOne('pending').catch(() => undefined);
  }

  /** Whether there is any, of whatever boot: it is not read. */
  async isThere(): Promise<boolean> {
    const found = [this.#path('last'), this.#path('pending')].map(
      async (path) =>
        await access(path).then(
          () => true,
          () => false,
        ),
    );
    return (await Promise.all(found)).includes(true);
  }

  /** A pending one goes first: it is newer. Undefined if there is none, or none since the last boot. */
  async read(): Promise<StoredState | undefined> {
    for (const kind of ['pending', 'last'] as const) {
      const state = await this.#readOne(kind);
      if (state !== undefined) return state;
    }
    return undefined;
  }

  async #readOne(kind: StoredState['kind']): Promise<StoredState | undefined> {
    const path = this.#path(kind);
    let value: unknown;
    try {
      value = JSON.parse(await readFile(path, 'utf8'));
    } catch (error) {
      const { code, text } = describeErrno(error);
      if (code === 'ENOENT') return undefined;
      throw new HostError(`${path} cannot be read: ${text}`, {
        advice: 'it is what undo needs; without it, chainsmith cleanup removes the rules of all Services',
        cause: error,
      });
    }
    if (fieldOf(value, 'apiVersion') !== API_VERSION || fieldOf(value, 'kind') !== KIND) {
      throw new HostError(`${path} is not a state file of this version of chainsmith`);
    }
    if (fieldOf(value, 'bootId') !== (await bootId())) return undefined;
    return { kind, document: fieldOf(value, 'document'), fingerprint: textsOf(fieldOf(value, 'fingerprint')), path };
  }
}

function textsOf(value: unknown): StoredState['fingerprint'] {
  const entries = isMapping(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])));
}

/** The beginning of a state file, open for further fields. Fingerprints that fit have the place of others. */
function headOf(boot: string, fingerprint: StoredState['fingerprint']): string {
  const head = JSON.stringify({ apiVersion: API_VERSION, kind: KIND, bootId: boot });
  return `${head.slice(0, -1)},"fingerprint":${JSON.stringify(fingerprint).padEnd(ROOM)}`;
}

async function bootId(): Promise<string> {
  return (await readFile(BOOT_ID, 'utf8')).trim();
}
