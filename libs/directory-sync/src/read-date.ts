// Dates as other systems write them: ISO, dd/mm/yyyy or mm/dd/yyyy (the year also in two digits), or Unix seconds.
import { daysOfUtc, reject, type DayOf } from '@app/kernel';

export const DATE_ORDERS = ['day-first', 'month-first'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

const ISO = /^(\d{4})-(\d{2})-(\d{2})$/;
const NUMBERS = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})$/;
/** Shorter ones are days of a spreadsheet, or years, months and days without a mark between them. */
const SECONDS = /^\d{9,11}$/;
/** As PHP reads two digits, and so Totara: 1970 to 2069. */
const FIRST_OF_1900 = 70;

/** Reads dates, each text once: files hold the same few days over and over. Seconds are of the day where the organisation is. */
export function dateReader(order: DateOrder, localDay: DayOf = daysOfUtc): (text: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (text) => {
    if (!known.has(text)) known.set(text, readDate(text, order, localDay));
    return known.get(text);
  };
}

/** Which of day and month comes first in a whole file: what is beyond doubt in one row says it for all. */
export class DateOrders {
  /** The first line that says so. */
  private readonly lines = new Map<DateOrder | 'either', number>();
  private readonly seen = new Set<string>();

  see(text: string, line: number): void {
    if (this.seen.has(text)) return;
    this.seen.add(text);
    const order = dateOrderIn(text);
    if (order && !this.lines.has(order)) this.lines.set(order, line);
  }

  /**
   * The order that the file shows, or nothing when it makes no difference.
   * @throws Rejection `ambiguous-dates` when it shows both or leaves it open: a guess would be wrong by months
   */
  order(file: string): DateOrder | undefined {
    const [dayFirst, monthFirst, either] = [this.lines.get('day-first'), this.lines.get('month-first'), this.lines.get('either')];
    const ambiguous = (line: number, detail: string): never =>
      reject('invalid', 'ambiguous-dates', { file, line, detail: `${detail}; say dates: ${DATE_ORDERS.join(' or ')}` });
    if (dayFirst !== undefined && monthFirst !== undefined) {
      const [first, other] = [dayFirst, monthFirst].toSorted((a, b) => a - b);
      return ambiguous(other!, `the lines ${first} and ${other} put day and month in different order`);
    }
    if (dayFirst !== undefined) return 'day-first';
    if (monthFirst !== undefined) return 'month-first';
    return either === undefined ? undefined : ambiguous(either, 'day and month could be either way round in every date');
  }
}

/** Which order of day and month the text allows; nothing when it tells none. */
export function dateOrderIn(text: string): DateOrder | 'either' | undefined {
  const [, one, other] = NUMBERS.exec(text) ?? [];
  if (one === undefined) return undefined;
  if (Number(one) > 12) return Number(other) > 12 ? undefined : 'day-first';
  if (Number(other) > 12) return 'month-first';
  // The same number twice is the same day either way.
  return Number(one) === Number(other) ? undefined : 'either';
}

/** The day as `YYYY-MM-DD`, or nothing when the text is no date that there is. */
function readDate(text: string, order: DateOrder, localDay: DayOf): string | undefined {
  const iso = ISO.exec(text);
  if (iso) return dayOf(iso[1]!, iso[2]!, iso[3]!);
  const [, one, other, year] = NUMBERS.exec(text) ?? [];
  if (year !== undefined) {
    const [day, month] = order === 'day-first' ? [one!, other!] : [other!, one!];
    return dayOf(year.length === 2 ? withCentury(year) : year, month, day);
  }
  if (!SECONDS.test(text)) return undefined;
  return localDay(Temporal.Instant.fromEpochMilliseconds(Number(text) * 1000).toString());
}

function withCentury(year: string): string {
  return Number(year) < FIRST_OF_1900 ? `20${year}` : `19${year}`;
}

function dayOf(year: string, month: string, day: string): string | undefined {
  const wanted = { year: Number(year), month: Number(month), day: Number(day) };
  if (wanted.month < 1 || wanted.month > 12 || wanted.day < 1) return undefined;
  const found = Temporal.PlainDate.from(wanted);
  // A day that the month does not have is drawn in to its last one.
  return found.day === wanted.day ? found.toString() : undefined;
}
