// Decisions that a back-dated change has put in question, and what an administrator makes of them.
import type { Api } from './api';
import { count } from './table';

interface Affected {
  readonly request: string;
  readonly step: number;
  readonly by: string;
  readonly outcome: string;
  readonly on: string;
  readonly revision: number;
  readonly beneficiary: string;
  readonly instead: readonly string[];
  readonly whyNot: { readonly verdict: string };
  readonly review?: { readonly outcome: string; readonly by: string; readonly at: string; readonly reason: string };
}
export interface AffectedList {
  readonly items: readonly Affected[];
  readonly people: Readonly<Record<string, string>>;
}
export interface ReviewedRequest {
  readonly id: string;
  readonly status: string;
  readonly revision: number;
  readonly chain: readonly { readonly step: number; readonly status: string; readonly slate: readonly { readonly person: string }[] }[];
  readonly people: Readonly<Record<string, string>>;
}

/** All of them, whatever became of them, or only those of one kind. */
export async function affectedDecisions(api: Api, review?: string): Promise<AffectedList> {
  const items: Affected[] = [];
  const people: Record<string, string> = {};
  for (let after: string | undefined, more = true; more;) {
    const query = new URLSearchParams({ limit: '200', ...(review !== undefined && { review }), ...(after !== undefined && { after }) });
    const page = await api.call<AffectedList & { next?: string }>('GET', `audit/affected-decisions?${query}`);
    items.push(...page.items);
    Object.assign(people, page.people);
    after = page.next;
    more = after !== undefined;
  }
  return { items, people };
}

/** Confirms or annuls one of them, as it was seen at a revision of its request. */
export function review(
  api: Api,
  how: 'ratification' | 'annulment',
  { request, step, reason, revision }: { request: string; step: string; reason: string; revision: string },
): Promise<ReviewedRequest> {
  const place = `audit/affected-decisions/${encodeURIComponent(request)}/${encodeURIComponent(step)}/${how}`;
  return api.call('POST', place, { body: { reason }, headers: { 'if-match': `"${revision}"` } });
}

export function affectedReport({ items, people }: AffectedList): readonly string[] {
  const name = nameIn(people);
  if (items.length === 0) return ['No decision is in question.'];
  return [
    `${count(items.length)} decisions were made by somebody who, as is known now, was not to be asked that day:`,
    ...items.flatMap((one) => [
      `  request ${one.request}, step ${one.step}, revision ${one.revision}`,
      `    ${one.outcome} on ${one.on} by ${name(one.by)} (${one.whyNot.verdict}) for ${name(one.beneficiary)}; instead: ${one.instead.map(name).join(', ') || 'nobody'}`,
      `    ${one.review ? `${one.review.outcome} by ${name(one.review.by)} at ${one.review.at}: ${one.review.reason}` : 'open: ratify or void it'}`,
    ]),
  ];
}

export function reviewedReport({ id, status, revision, chain, people }: ReviewedRequest): readonly string[] {
  const last = chain.at(-1);
  const asked =
    last?.status === 'waiting' ? `; step ${last.step} asks ${last.slate.map(({ person }) => nameIn(people)(person)).join(', ')}` : '';
  return [`Request ${id} is ${status} at revision ${revision}${asked}.`];
}

function nameIn(people: Readonly<Record<string, string>>): (id: string) => string {
  return (id) => (people[id] === undefined ? id : `${people[id]} (${id})`);
}
