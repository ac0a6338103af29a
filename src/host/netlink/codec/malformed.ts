import { HostError } from '../../host-error.ts';

/** Bytes that are no netlink message, or a message without what its kind always has. No kernel sends such; a program in between might. */
export class MalformedNetlink extends HostError {
  override readonly name = 'MalformedNetlink';

  constructor(what: string) {
    super(`the kernel's answer is not understood: ${what}`);
  }
}
