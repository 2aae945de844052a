// Which day it is: days begin where the organisation is, not in UTC (E31).

/** The local day of an instant in UTC. */
export type DayOf = (instant: string) => string;

/**
 * The days of a zone. Nothing asks when a day begins, only which one it is: so it does not matter that some days have no
 * midnight, or two, or are left out.
 */
export function daysIn(zone: string): DayOf {
  let [minute, day] = ['', ''];
  return (instant) => {
    // Zones are whole minutes from UTC, and within one minute many ask.
    const now = instant.slice(0, MINUTE_LENGTH);
    if (now !== minute) [minute, day] = [now, localDay(instant, zone)];
    return day;
  };
}

/** The days of UTC, for whatever has no zone of its own. */
export const daysOfUtc: DayOf = daysIn('UTC');

const MINUTE_LENGTH = '2026-11-21T10:00'.length;

function localDay(instant: string, zone: string): string {
  return Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate().toString();
}
