// A small organisation, made over HTTP as an administrator would by hand.
import { expected, type Api } from './http';

export const FROM = '2020-01-01';
const FAR = '2099-01-01';

/** People by their ids; each id is the username too, and the mail address begins with it. */
export async function register(admin: Api, ...people: readonly string[]): Promise<void> {
  for (const id of people) {
    const body = { id, username: id, givenName: id.charAt(0).toUpperCase() + id.slice(1), familyName: 'Hospital', email: addressOf(id) };
    expected(201, await admin.post('/people', body));
  }
}

/** One job of a person, and who manages it. Answers the job's id, which is made of the person's. */
export async function employ(
  admin: Api,
  person: string,
  {
    job = `${person}-1`,
    direct,
    temporary,
    alternate,
    costCentre,
  }: { job?: string; direct?: string; temporary?: string; alternate?: string; costCentre?: string } = {},
): Promise<string> {
  const fields = { id: job, positionType: 'substantive', title: `Job of ${person}`, from: FROM, ...(costCentre && { costCentre }) };
  expected(201, await admin.post(`/people/${person}/assignments`, fields));
  if (direct) await manage(admin, job, { manager: direct, kind: 'direct' });
  if (temporary) await manage(admin, job, { manager: temporary, kind: 'temporary', to: FAR });
  if (alternate) await manage(admin, job, { manager: alternate, kind: 'alternate' });
  return job;
}

/** Names one manager of a job, for approval. Answers the link's id. */
export async function manage(
  admin: Api,
  job: string,
  link: { manager: string; kind: 'direct' | 'temporary' | 'alternate'; from?: string; to?: string; responsibilities?: readonly string[] },
): Promise<string> {
  const body = { responsibilities: ['approval'], from: FROM, ...link };
  return expected(201, await admin.post(`/assignments/${job}/managers`, body)).link;
}

export async function nameFallback(admin: Api, person: string): Promise<void> {
  expected(200, await admin.put('/fallback-approver', { person }));
}

export function addressOf(id: string): string {
  return `${id}@hospital.example`;
}
