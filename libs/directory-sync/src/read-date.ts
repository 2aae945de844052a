// Dates as other systems write them: ISO, dd/mm/yyyy or mm/dd/yyyy (the year also in two digits), or Unix seconds.

export const DATE_ORDERS = ['day-first', 'month-first'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

const ISO = /^(\d{4})-(\d{2})-(\d{2})$/;
const NUMBERS = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})$/;
const SECONDS = /^\d{1,11}$/;

/** Reads dates, each text once: files hold the same few days over and over. */
export function dateReader(order: DateOrder): (text: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (text) => {
    if (!known.has(text)) known.set(text, readDate(text, order));
    return known.get(text);
  };
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
function readDate(text: string, order: DateOrder): string | undefined {
  const iso = ISO.exec(text);
  if (iso) return dayOf(iso[1]!, iso[2]!, iso[3]!);
  const [, one, other, year] = NUMBERS.exec(text) ?? [];
  if (year !== undefined) {
    const [day, month] = order === 'day-first' ? [one!, other!] : [other!, one!];
    return dayOf(year.length === 2 ? `20${year}` : year, month, day);
  }
  if (!SECONDS.test(text)) return undefined;
  return Temporal.Instant.fromEpochMilliseconds(Number(text) * 1000)
    .toZonedDateTimeISO('UTC')
    .toPlainDate()
    .toString();
}

function dayOf(year: string, month: string, day: string): string | undefined {
  const wanted = { year: Number(year), month: Number(month), day: Number(day) };
  if (wanted.month < 1 || wanted.month > 12 || wanted.day < 1) return undefined;
  const found = Temporal.PlainDate.from(wanted);
  // A day that the month does not have is drawn in to its last one.
  return found.day === wanted.day ? found.toString() : undefined;
}
