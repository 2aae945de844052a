// From a schema in the OpenAPI description: a value that fits it, and many that do not.
import type { Json } from './http';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly default?: Json;
  readonly minimum?: number;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly nullable?: boolean;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

export const NO_SUCH_ID = '00000000-0000-8000-8000-000000000000';
/** Stands for text that JSON can hold and `JSON.stringify` cannot write, such as `1e999`. */
export class Raw {
  constructor(readonly text: string) {}
}

const DATES = ['2026-02-30', '2026-13-01', '2026-1-1', '26-01-01', '2026-01-01T00:00:00Z', 'tomorrow', '２０２６-01-01', '2026-01-01 ', ''];
const NO_TEXT = [1, true, null, {}, ['a'], 'a\0b', '\ud800'];
const NUMBERS = ['10', 0.1, -1, 1e21, 2 ** 53, null, true, [], {}, new Raw('1e999'), new Raw('-0.5'), ''];

/** Fits the schema; whether the thing that it names exists is another question. */
export function fitting(name: string, schema: Schema): Json {
  if (schema.anyOf) return fitting(name, schema.anyOf[0]!);
  if (schema.enum) return schema.enum[0];
  if (name === 'currency') return 'EUR';
  if (name === 'email') return 'lea@hospital.example';
  if (schema.format === 'date') return name === 'to' ? '2027-01-01' : '2026-01-01';
  switch (schema.type) {
    case 'integer':
    case 'number':
      return schema.minimum || 1;
    case 'boolean':
      return true;
    case 'array':
      return [fitting(name, schema.items!)];
    case 'object':
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([field, of]) => [field, fitting(field, of)]));
    default:
      return schema.pattern ? NO_SUCH_ID : 'no-such-thing';
  }
}

/** None of them fits the schema. */
export function unfit(name: string, schema: Schema): readonly Json[] {
  if (schema.anyOf) return unfit(name, schema.anyOf[0]!);
  if (schema.nullable) return unfit(name, { ...schema, nullable: false }).filter((value) => value !== null);
  if (schema.enum) return [...NO_TEXT, '', 'nope', schema.enum[0]!.toUpperCase(), `${schema.enum[0]} `, '__proto__', 'constructor'];
  if (name === 'currency') return [...NO_TEXT, '', 'eur', 'EUR\0', 'EURO', 'XYZ', 'ＥＵＲ', ' EUR', '€'];
  if (name === 'email') return [...NO_TEXT, '', 'lea', 'lea@', 'lea@x.example\r\nBcc: all@x.example', `${'a'.repeat(300)}@x.example`];
  if (schema.format === 'date') return [...NO_TEXT, ...DATES];
  switch (schema.type) {
    case 'integer':
    case 'number':
      return name === 'costMinor' ? [...NUMBERS, new Raw('-0')] : NUMBERS;
    case 'boolean':
      return ['true', 1, 0, null, [], {}, ''];
    case 'array':
      return ['x', null, {}, [null], Array(1_000).fill(fitting(name, schema.items!)), ...(schema.items?.enum ? [[], ['nope']] : [])];
    case 'object':
      return ['x', 1, true, null, ['a']];
    default:
      return [...NO_TEXT, ...ofText(schema)];
  }
}

/** The same as text in a query. */
export function unfitQuery(name: string, schema: Schema): readonly string[] {
  if (name === 'after') return ['x', 'MQ.AAAAAAAAAAAAAAAAAAAAAA', '.', 'a'.repeat(501), '-1', '\0'];
  if (schema.enum) return ['', 'nope', schema.enum[0]!.toUpperCase(), '__proto__'];
  if (schema.format === 'date') return DATES;
  if (schema.type === 'integer')
    return ['1e9', '1e1', '0x10', '+5', ' 5', '-1', '0', '201', '1.5', 'NaN', 'Infinity', 'abc', '', '5,6', '９'];
  return ofText(schema);
}

function ofText({ minLength, maxLength, pattern }: Schema): string[] {
  const unfitting = minLength ? [''] : [];
  if (maxLength) unfitting.push('x'.repeat(maxLength + 1));
  if (pattern) unfitting.push('x', NO_SUCH_ID.slice(1), NO_SUCH_ID.toUpperCase().replace('8', 'A'), `${NO_SUCH_ID}x`);
  return unfitting;
}

/** JSON with the raw parts written as they are. */
export function written(value: Json): string {
  const raws: string[] = [];
  const text = JSON.stringify(value, (_key, part) => (part instanceof Raw ? `raw:${raws.push(part.text) - 1}` : part));
  return text.replace(/"raw:(\d+)"/g, (_, at) => raws[Number(at)]!);
}
