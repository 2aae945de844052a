// Those who wait until the read models have come to a position.

export class Waiters {
  private released = false;
  private waiting: { readonly position: number; readonly resolve: () => void }[] = [];

  /** Settles when told of the position or a later one, when nothing will be told any more, or by the signal. */
  until(position: number, signal?: AbortSignal): Promise<void> {
    if (this.released) return Promise.resolve();
    return new Promise((resolve) => {
      const waiter = { position, resolve };
      this.waiting.push(waiter);
      signal?.addEventListener('abort', () => {
        this.waiting = this.waiting.filter((one) => one !== waiter);
        resolve();
      });
    });
  }

  get anybody(): boolean {
    return this.waiting.length > 0;
  }

  tell(reached: number): void {
    const ready = this.waiting.filter(({ position }) => position <= reached);
    this.waiting = this.waiting.filter(({ position }) => position > reached);
    for (const { resolve } of ready) resolve();
  }

  /** Lets go of everybody, also of those who come later. */
  release(): void {
    this.released = true;
    for (const { resolve } of this.waiting.splice(0)) resolve();
  }
}
