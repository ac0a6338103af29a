import { setTimeout as wait } from 'node:timers/promises';
import { fieldOf, isMapping } from '../../../core/util/mapping.ts';
import { answerError, notAList } from './answer-error.ts';
import type { ApiAnswer, ApiConnection } from './api-connection.ts';
import type { Resource } from './resources.ts';

/** Objects per request, as kubectl asks for. */
const PAGE = 500;
/** How often a busy server is asked again, and how long one wait may be. */
const TRIES = 5;
const LONGEST_WAIT_S = 10;

/** Called with the number of objects read so far. */
export type OnCount = (resource: Resource, count: number) => void;

/**
 * All objects of a kind, in all namespaces, as raw JSON in the server's order. All pages show the cluster at one moment; if the server
 * forgets that moment in the middle (410 Expired, after five minutes by default), the list begins anew, the last time without pages.
 */
export async function listResource(
  connection: ApiConnection,
  resource: Resource,
  onCount: OnCount,
): Promise<readonly unknown[]> {
  for (const limit of [PAGE, PAGE, undefined]) {
    const items = await listPages(connection, resource, { limit, onCount });
    if (items !== 'expired') return items;
  }
  throw notAList(connection.access, resource, 'status 410 (Expired), three times, even to a request for all at once');
}

interface ListOptions {
  readonly limit: number | undefined;
  readonly onCount: OnCount;
}

async function listPages(
  connection: ApiConnection,
  resource: Resource,
  { limit, onCount }: ListOptions,
): Promise<readonly unknown[] | 'expired'> {
  const items: unknown[] = [];
  const query = new URLSearchParams(limit === undefined ? {} : { limit: String(limit) });
  for (let next: string | undefined = ''; next !== undefined;) {
    if (next !== '') query.set('continue', next);
    const answer = await patientGet(connection, `${resource.path}${query.size === 0 ? '' : `?${query.toString()}`}`);
    if (answer.status === 410) return 'expired';
    if (answer.status !== 200) throw answerError(connection.access, resource, answer);
    const page = readPage(connection, resource, answer);
    for (const item of page.items) items.push(item);
    onCount(resource, items.length);
    if (page.next !== undefined && page.next === next) {
      throw notAList(connection.access, resource, 'the same page again and again');
    }
    next = page.next;
  }
  return items;
}

/** Asks again where the server says when to (429 and 5xx with Retry-After), as client-go does. */
async function patientGet({ get }: ApiConnection, path: string): Promise<ApiAnswer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await get(path);
    const isBusy = answer.status === 429 || answer.status >= 500;
    if (!isBusy || answer.retryAfter === undefined || tries === TRIES) return answer;
    await wait(Math.min(answer.retryAfter, LONGEST_WAIT_S) * 1000);
  }
}

interface Page {
  readonly items: readonly unknown[];
  /** The token for the next page, if there is one. */
  readonly next: string | undefined;
}

function readPage({ access }: ApiConnection, resource: Resource, { body }: ApiAnswer): Page {
  const list = parseOrUndefined(body);
  if (list === undefined) {
    const start = body.trimStart().slice(0, 40);
    throw notAList(access, resource, start === '' ? 'nothing' : `no JSON: ${start}`);
  }
  const items = fieldOf(list, 'items') ?? [];
  const kind = fieldOf(list, 'kind');
  if (!isMapping(list) || !Array.isArray(items) || kind !== `${resource.kind}List`) {
    throw notAList(access, resource, `JSON that is no ${resource.kind}List`);
  }
  const token = fieldOf(fieldOf(list, 'metadata'), 'continue');
  return { items, next: typeof token === 'string' && token !== '' ? token : undefined };
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
