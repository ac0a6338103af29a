import type { Mapping } from '../../../core/util/mapping.ts';

/** How to reach one API server, and as whom. Everything that a kubeconfig names by a path has been read. */
export interface ClusterAccess {
  /** The cluster's name in the kubeconfig; `in-cluster` for a Pod's own. */
  readonly name: string;
  /** The context's name, if there is a kubeconfig: for commands that a message proposes. */
  readonly context: string | undefined;
  /** Where it was found, for messages: a path, or the service account. */
  readonly origin: string;
  /** Begins with http:// or https://, may have a path, and has no slash at its end. */
  readonly server: string;
  /** PEM. Undefined: the CAs that Node trusts. */
  readonly ca: Uint8Array | undefined;
  readonly skipTlsVerify: boolean;
  readonly tlsServerName: string | undefined;
  /** http://, https:// or socks5:// */
  readonly proxyUrl: string | undefined;
  readonly user: ClusterUser;
}

/** At most one of token, certificate, password, exec and authProvider matters; a token wins. */
export interface ClusterUser {
  readonly name: string;
  readonly token: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** PEM */
  readonly clientCertificate: Uint8Array | undefined;
  /** PEM */
  readonly clientKey: Uint8Array | undefined;
  /** A credential plugin, as client.authentication.k8s.io has it. */
  readonly exec: Mapping | undefined;
  /** Its older kind: oidc, gcp, azure. */
  readonly authProvider: Mapping | undefined;
  readonly impersonation: Impersonation;
}

/** On whose behalf requests are made (`as`, `as-uid`, `as-groups`, `as-user-extra`). */
export interface Impersonation {
  readonly user: string | undefined;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}
