// Holds an event to the fields that its decider names, so that nothing else reaches the permanent record.
import type { AnyDecider, FieldKind, Typed } from './decider';

/**
 * Checks one event against its decider's schema.
 * @throws Error when the event has a field that is not named, lacks one, or holds another kind of value: a bug of ours
 */
export function checkEvent(decider: AnyDecider, event: Typed): void {
  const schema = decider.events as Record<string, Record<string, FieldKind>>;
  const fields = Object.hasOwn(schema, event.type) ? schema[event.type] : undefined;
  if (!fields) throw new Error(`${decider.name}: the event ${event.type} has no schema`);
  const values = event as unknown as Record<string, unknown>;
  let known = 1; // the type
  for (const name in fields) {
    const kind = fields[name] as FieldKind;
    const value = values[name];
    if (value === undefined) {
      if (!kind.endsWith('?')) fault(event, name, 'is missing');
    } else if (isOf(kind, value)) known++;
    else fault(event, name, `is not of kind ${kind}`);
  }
  const names = Object.keys(values);
  if (names.length === known) return;
  for (const name of names) if (name !== 'type' && !Object.hasOwn(fields, name)) fault(event, name, 'is not in the schema');
}

function isOf(kind: FieldKind, value: unknown): boolean {
  switch (kind) {
    case 'text':
    case 'text?':
      return typeof value === 'string';
    case 'number':
    case 'number?':
      return Number.isFinite(value);
    case 'flag':
    case 'flag?':
      return typeof value === 'boolean';
    case 'list':
    case 'list?':
      return Array.isArray(value);
    case 'record':
    case 'record?':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
  }
}

function fault(event: Typed, field: string, what: string): never {
  throw new Error(`${event.type}.${field} ${what}`);
}
