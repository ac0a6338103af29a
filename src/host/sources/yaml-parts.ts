import { EVENT_ID, getScalarValue, parseEvents, type Event } from 'js-yaml';
import { countLines, type Part } from './part-locator.ts';
import type { YamlChunk } from './split-yaml.ts';

/** A node of a YAML document: the number of its first event. */
export interface YamlPart extends Part {
  readonly events: readonly Event[];
  readonly text: string;
  readonly index: number;
  /** Where `line` was counted. */
  readonly countedAt: number;
}

/** The top of the document in a chunk that was read before. */
export function yamlRoot({ text, firstLine }: YamlChunk): YamlPart | undefined {
  const events = parseEvents(text, {});
  const index = events.findIndex((event) => event.type !== EVENT_ID.DOCUMENT);
  const first = events[index];
  if (first === undefined) return undefined;
  const countedAt = startOf(first) ?? 0;
  return { events, text, index, countedAt, line: firstLine + countLines(text, 0, countedAt) };
}

/** The nodes directly inside a mapping or a list. What comes by an alias or a merge is not found. */
export function yamlPartsOf(outer: YamlPart): ReadonlyMap<string | number, YamlPart> {
  const { events, text } = outer;
  const parts = new Map<string | number, YamlPart>();
  const type = events[outer.index]?.type;
  if (type !== EVENT_ID.MAPPING && type !== EVENT_ID.SEQUENCE) return parts;
  let { line, countedAt } = outer;
  for (let index = outer.index + 1; index < events.length && events[index]?.type !== EVENT_ID.POP;) {
    const first = events[index];
    const value = type === EVENT_ID.MAPPING ? endOfNode(events, index) : index;
    const start = first === undefined ? undefined : startOf(first);
    if (start !== undefined && start >= countedAt) {
      line += countLines(text, countedAt, start);
      countedAt = start;
    }
    const name = type === EVENT_ID.MAPPING ? nameOf(first, text) : parts.size;
    if (name !== undefined) parts.set(name, { events, text, index: value, line, countedAt });
    index = endOfNode(events, value);
  }
  return parts;
}

function nameOf(event: Event | undefined, text: string): string | undefined {
  return event?.type === EVENT_ID.SCALAR ? getScalarValue(text, event) : undefined;
}

/** Undefined for a node that has no text of its own. */
function startOf(event: Event): number | undefined {
  if (event.type === EVENT_ID.SCALAR) return event.valueStart < 0 ? undefined : event.valueStart;
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart;
  return event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE ? event.start : undefined;
}

/** The number of the event after a node. */
function endOfNode(events: readonly Event[], from: number): number {
  let depth = 0;
  for (let index = from; index < events.length; index += 1) {
    const type = events[index]?.type;
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth += 1;
    else if (type === EVENT_ID.POP) depth -= 1;
    if (depth <= 0) return index + 1;
  }
  return events.length;
}
