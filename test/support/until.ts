// Waiting in suites: asks again and again until it is so, and never sleeps longer than needed.

/** So long a process may take to start: a machine whose disk stalls takes its time. */
export const STARTING_MS_MAX = 120_000;

/** Settles with the first truthy answer. @throws Error with the last answer when the time is over */
export async function until<Answer>(ask: () => Answer | Promise<Answer>, timeoutMs = 60_000): Promise<NonNullable<Answer>> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`not so after ${timeoutMs} ms, but ${JSON.stringify(answer)}: ${ask}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
