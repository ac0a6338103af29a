import { fieldOf, type Mapping } from '../../../core/util/mapping.ts';
import { sortedBy } from '../../../core/util/order.ts';
import { connect, type ApiConnection } from './api-connection.ts';
import { hostEnvironment, type ClusterEnvironment } from './cluster-environment.ts';
import { findAccess, type ClusterChoice } from './find-access.ts';
import { forbiddenError, ForbiddenError } from './forbidden-error.ts';
import { listResource, type OnCount } from './list-resource.ts';
import { neededFields } from './needed-fields.ts';
import { RESOURCES, type Resource } from './resources.ts';

const DEFAULT_TIMEOUT_MS = 30_000;

export interface SnapshotOptions extends ClusterChoice {
  /** For each request, in milliseconds; 30 s if it is not given. */
  readonly timeoutMs?: number | undefined;
  readonly onCount?: OnCount;
}

/** What a cluster says at one moment of what shapes a node's rules. */
export interface ClusterSnapshot {
  /** The cluster's name in the kubeconfig. */
  readonly cluster: string;
  /** Nodes, Services, EndpointSlices, each kind by namespace and name, with the fields that shape rules. */
  readonly items: readonly Mapping[];
}

/** Reads the cluster that kubectl would speak to. Rejects with a ClusterError. */
export async function readClusterSnapshot(
  options: SnapshotOptions,
  environment: ClusterEnvironment = hostEnvironment(),
): Promise<ClusterSnapshot> {
  const access = await findAccess(options, environment);
  const connection = await connect(access, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const lists = await listAll(connection, options.onCount ?? ((): void => {}));
  return { cluster: access.name, items: lists.flatMap(({ resource, items }) => itemsOf(resource, items)) };
}

interface List {
  readonly resource: Resource;
  readonly items: readonly unknown[];
}

/** All kinds at once. If several are refused, the error tells of all: nobody wants to ask for one rule after the other. */
async function listAll(connection: ApiConnection, onCount: OnCount): Promise<readonly List[]> {
  const lists = await Promise.allSettled(
    RESOURCES.map(async (resource) => ({ resource, items: await listResource(connection, resource, onCount) })),
  );
  const failures = lists.flatMap((list) => (list.status === 'rejected' ? [list.reason as unknown] : []));
  const refused = failures.filter((failure) => failure instanceof ForbiddenError);
  if (refused.length > 0 && refused.length === failures.length) {
    throw forbiddenError(
      connection.access,
      refused.flatMap((error) => error.refusals),
    );
  }
  const failure = failures.find((one) => !(one instanceof ForbiddenError));
  if (failure !== undefined) throw failure;
  return lists.flatMap((list) => (list.status === 'fulfilled' ? [list.value] : []));
}

function itemsOf(resource: Resource, items: readonly unknown[]): readonly Mapping[] {
  return sortedBy(
    items.map((item) => neededFields(resource, item)),
    (object) => metadataText(object, 'namespace'),
    (object) => metadataText(object, 'name'),
  );
}

function metadataText(object: Mapping, name: string): string {
  const text = fieldOf(fieldOf(object, 'metadata'), name);
  return typeof text === 'string' ? text : '';
}
