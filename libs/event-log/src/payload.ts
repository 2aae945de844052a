// What an event may hold: plain JSON that reads back as it was written, of bounded size.
import { APPEND_EVENTS_MAX, EVENT_BYTES_MAX, UnfitEvent, type NewEvent } from '@app/kernel';

const STREAM_UNITS_MAX = 500;

/** An event as text, ready to be kept. */
export interface Written {
  readonly data: string;
  readonly meta: string;
}

/** The events with the time at which they are recorded, which never goes back along the log (E53). */
export function stamped(events: readonly NewEvent[], lastAt: string, versionOf = (_type: string) => 1): readonly NewEvent[] {
  let at = lastAt;
  return events.map(({ event, meta }) => {
    if (meta.at > at) at = meta.at;
    const version = versionOf(event?.type);
    if (meta.at === at && version === 1) return { event, meta };
    return { event, meta: { ...meta, at, ...(version > 1 && { version }) } };
  });
}

/**
 * Turns events into text, all before any is appended.
 * @throws UnfitEvent for an empty or too long list, a value that JSON drops or changes, a cycle, or more than `EVENT_BYTES_MAX`
 */
export function written(stream: string, events: readonly NewEvent[]): readonly Written[] {
  requireText(stream, 'the name of the stream');
  if (stream === '' || stream.length > STREAM_UNITS_MAX)
    throw new UnfitEvent(`the name of a stream has 1 to ${STREAM_UNITS_MAX} characters`);
  if (events.length === 0) throw new UnfitEvent('an append needs at least one event');
  if (events.length > APPEND_EVENTS_MAX) throw new UnfitEvent(`an append takes at most ${APPEND_EVENTS_MAX} events`);
  return events.map(({ event, meta }) => {
    if (typeof event?.type !== 'string' || event.type === '') throw new UnfitEvent('an event needs a type');
    requireJson(event, event.type, 0);
    const text = { data: JSON.stringify(event), meta: JSON.stringify(meta) };
    // JSON writes half a character, and NUL, as `\u…`: where nothing is written so, there is nothing to look for.
    if (text.data.includes('\\u')) requireTexts(event, event.type);
    // A UTF-16 unit is at most 3 bytes of UTF-8, so most events need no exact count.
    const units = text.data.length + text.meta.length;
    if (units * 3 > EVENT_BYTES_MAX && bytesOf(text) > EVENT_BYTES_MAX) {
      throw new UnfitEvent(`${event.type} is larger than ${EVENT_BYTES_MAX} bytes`);
    }
    return text;
  });
}

const DEPTH_MAX = 64;

function requireJson(value: unknown, path: string, depth: number): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return;
    case 'number':
      if (!Number.isFinite(value)) throw new UnfitEvent(`${path} is ${value}`);
      return;
    case 'object': {
      if (value === null) return;
      if (depth > DEPTH_MAX) throw new UnfitEvent(`${path} is nested too deeply, or holds itself`);
      if (Array.isArray(value)) {
        for (let at = 0; at < value.length; at++) requireJson(value[at], path, depth + 1);
        return;
      }
      if (Object.getPrototypeOf(value) !== Object.prototype) throw new UnfitEvent(`${path} is no plain object`);
      for (const key of Object.keys(value)) requireJson((value as Record<string, unknown>)[key], key, depth + 1);
      return;
    }
    default:
      throw new UnfitEvent(`${path} is ${typeof value}`);
  }
}

function requireTexts(value: unknown, path: string): void {
  if (typeof value === 'string') return requireText(value, path);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, one] of Object.entries(value)) {
    requireText(key, path, 'a name in ');
    requireTexts(one, Array.isArray(value) ? path : key);
  }
}

function requireText(value: string, path: string, what = ''): void {
  if (!value.isWellFormed()) throw new UnfitEvent(`${what}${path} holds half a character`);
  if (value.includes('\0')) throw new UnfitEvent(`${what}${path} holds a NUL character`);
}

function bytesOf({ data, meta }: Written): number {
  return Buffer.byteLength(data) + Buffer.byteLength(meta);
}
