// How many mails the provider takes: `mails-per-minute` in the query of SMTP_URL, because it belongs to that server.
import type { Rate } from './job-queue';

/** A site's own server takes more; after an outage everything that waited comes at once, and that is too much for many. */
const MAILS_PER_MINUTE = 6_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

/** The limit that a URL names, else a usual one; nothing when it is not a number above 0. */
export function mailRateOf(url: string): Rate | undefined {
  const perMinute = Number(new URL(url).searchParams.get('mails-per-minute') ?? MAILS_PER_MINUTE);
  if (!(perMinute > 0 && Number.isFinite(perMinute))) return undefined;
  const perSecond = (perMinute * SECOND_MS) / MINUTE_MS;
  return perSecond >= 1 ? { jobs: Math.floor(perSecond), perMs: SECOND_MS } : { jobs: 1, perMs: Math.ceil(MINUTE_MS / perMinute) };
}
