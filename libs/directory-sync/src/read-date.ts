// Dates as other systems write them: ISO, dd/mm/yyyy, dd/mm/yy, or Unix seconds.

const ISO = /^(\d{4})-(\d{2})-(\d{2})$/;
const DAY_FIRST = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})$/;
const SECONDS = /^\d{1,11}$/;

/** Reads dates, each text once: files hold the same few days over and over. */
export function dateReader(): (text: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (text) => {
    if (!known.has(text)) known.set(text, readDate(text));
    return known.get(text);
  };
}

/** The day as `YYYY-MM-DD`, or nothing when the text is no date that there is. */
function readDate(text: string): string | undefined {
  const iso = ISO.exec(text);
  if (iso) return dayOf(iso[1]!, iso[2]!, iso[3]!);
  const dayFirst = DAY_FIRST.exec(text);
  if (dayFirst) return dayOf(dayFirst[3]!.length === 2 ? `20${dayFirst[3]!}` : dayFirst[3]!, dayFirst[2]!, dayFirst[1]!);
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
