// Work that must not overlap waits for its turn, within this process.

export class OneByOne {
  private readonly last = new Map<string, Promise<void>>();

  /** Does the work when all that came before under the same key has ended, however it ended; at once when there is none. */
  under<Answer>(key: string, work: () => Promise<Answer>): Promise<Answer> {
    const before = this.last.get(key);
    const mine = before ? before.then(work) : work();
    const leave = () => {
      if (this.last.get(key) === over) this.last.delete(key);
    };
    const over = mine.then(leave, leave);
    this.last.set(key, over);
    return mine;
  }
}
