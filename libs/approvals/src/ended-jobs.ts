// Granted learning whose asking assignment has ended since (E12): it stays, and whoever pays for it may want to know.
import { present } from '@app/organisation';
import type { Views } from '@app/kernel';

export interface GrantedInEndedJob {
  readonly request: string;
  readonly kind: string;
  readonly course?: string;
  readonly beneficiary: string;
  readonly assignment: string;
  /** First day on which the assignment is over. */
  readonly endedOn: string;
  /** The one of the assignment, which may be another by now. */
  readonly costCentre?: string;
  readonly costMinor?: number;
  readonly currency?: string;
  readonly grantedAt: string;
  /** Place of the request in lists. */
  readonly place: number;
}
export interface EndedJobsQuery {
  /** Today: what ends later is not over. */
  readonly on: string;
  /** Only assignments that ended on this day or later. */
  readonly since?: string | undefined;
  readonly costCentre?: string | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
}

interface Row {
  readonly request: string;
  readonly kind: string;
  readonly course: string | null;
  readonly beneficiary: string;
  readonly assignment: string;
  readonly ended_on: string;
  readonly cost_centre: string | null;
  readonly cost_minor: number | null;
  readonly currency: string | null;
  readonly granted_at: string;
  readonly place: number;
}
/** The day of the grant where the organisation is, as that of the end is: whatever is granted was decided last. */
const GRANTED_ON = '(select d.day from decisions d where d.request = r.id order by d.step desc limit 1)';
const GRANTED_IN_ENDED_JOBS = `
  select r.id as request, r.kind, r.course, r.beneficiary, r.assignment, a.valid_to as ended_on, a.cost_centre, r.cost_minor,
    r.currency, r.closed_at as granted_at, r.place
  from requests r join assignments a on a.id = r.assignment
  where r.status = 'granted' and a.valid_to <= ?1 and a.valid_to >= ?2 and a.valid_to > ${GRANTED_ON}
    and (?3 is null or a.cost_centre = ?3) and r.place > ?4
  order by r.place limit +?5`;

/** A page of them, the oldest request first. */
export function grantedInEndedJobs(views: Views, { on, since = '', costCentre, after = 0, limit }: EndedJobsQuery) {
  return views
    .all<Row>(GRANTED_IN_ENDED_JOBS, on, since, costCentre ?? null, after, limit)
    .map(({ request, kind, course, beneficiary, assignment, ended_on, cost_centre, cost_minor, currency, granted_at, place }) =>
      present<GrantedInEndedJob>({
        request,
        kind,
        course: course ?? undefined,
        beneficiary,
        assignment,
        endedOn: ended_on,
        costCentre: cost_centre ?? undefined,
        costMinor: cost_minor ?? undefined,
        currency: currency ?? undefined,
        grantedAt: granted_at,
        place,
      }),
    );
}
