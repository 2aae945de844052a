// The shapes that many routes share. Unknown fields are refused everywhere.
import { z } from 'zod';

/** An id as organisations give them: a person, an assignment, a unit, a course. */
export const id = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => text.isWellFormed() && !/[\p{Cc}]/u.test(text) && text.trim() === text, 'has control characters or spaces around it');
/** Id of a stream that we made. */
export const uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'is not an id');
/** Text that people write. */
export const text = (most: number) =>
  z
    .string()
    .max(most)
    .refine((words) => words.isWellFormed() && !words.includes('\0'), 'has characters that cannot be kept');
/** A calendar date that exists, `YYYY-MM-DD`. */
export const date = z.iso.date();
/** What was known when: an instant in UTC, or a position of the log. */
export const knownAt = z.iso.datetime().or(z.string().regex(/^\d{1,15}$/, 'is neither an instant in UTC nor a position'));
/** A whole number in an address: digits and nothing else, where a language would also take `0x10`, `1e1` or a blank. */
export const whole = (least: number, most: number) =>
  z.preprocess((given) => (typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given), z.int().min(least).max(most));
export const limit = whole(1, 200).default(50);
/** Money in minor units: whole, not negative, exact in JSON. */
export const costMinor = z
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .refine((cost) => !Object.is(cost, -0), 'is minus zero');
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));
export const currency = z.string().refine((code) => CURRENCIES.has(code), 'is no ISO 4217 currency');
/** Query of a list. */
export const page = { after: z.string().max(500).optional(), limit };
