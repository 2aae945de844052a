// One approval, and the two sides that do it: ours, and the reference beside it.

/** Who asks, who decides first, and whom that one names. */
export interface Ask {
  readonly request: string;
  readonly course: string;
  readonly learner: string;
  readonly assignment: string;
  readonly manager: string;
  readonly finance: string;
}

/** Takes the commands of an approval, each durable before it answers, and shows inboxes. */
export interface Side {
  /** Answers the place in the manager's inbox. */
  submit(ask: Ask): Promise<number>;
  /** The manager approves and names finance; answers the place in that inbox. */
  nominate(ask: Ask): Promise<number>;
  grant(ask: Ask): Promise<void>;
  /** The requests that wait for a person, a page from a place on. */
  inbox(person: string, from: number): readonly string[];
  /** Flushes of the disk so far. */
  readonly flushes: number;
  /** Waits until everything that follows from the commands has been done. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Rows of one look into an inbox. */
export const INBOX_PAGE = 20;

/** The unit of work: submitted, approved, granted; each approver sees the step before acting. */
export async function approveOnce(side: Side, ask: Ask, took: (ms: number) => void): Promise<void> {
  const asked = await timed(side.submit(ask), took);
  requireShown(side.inbox(ask.manager, asked), ask);
  const named = await timed(side.nominate(ask), took);
  requireShown(side.inbox(ask.finance, named), ask);
  await timed(side.grant(ask), took);
}

export async function timed<Answer>(answer: Promise<Answer>, took: (ms: number) => void): Promise<Answer> {
  const start = performance.now();
  const given = await answer;
  took(performance.now() - start);
  return given;
}

export function requireShown(shown: readonly string[], { request }: Pick<Ask, 'request'>): void {
  if (!shown.includes(request)) throw new Error('the inbox of the next approver does not show the step');
}
