// Work that must not be waited for without end.

/** Settles as the work does, or as `late` says when the time is over; the work itself goes on unheard. */
export async function within<Answer>(timeoutMs: number, work: Promise<Answer>, late: () => Answer): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const timer = setTimeout(() => {
    try {
      resolve(late());
    } catch (error) {
      reject(error);
    }
  }, timeoutMs);
  work.then(resolve, reject);
  return promise.finally(() => clearTimeout(timer));
}
