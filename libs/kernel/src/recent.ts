/**
 * The values set last, by key: at least half of `max` and at most `max`. They are kept in two generations, because a map
 * from which the oldest entry is taken again and again has to step over all that were taken before.
 */
export class Recent<Value, Key = string> {
  private young = new Map<Key, Value>();
  private old = new Map<Key, Value>();

  constructor(private readonly max: number) {}

  get(key: Key): Value | undefined {
    return this.young.get(key) ?? this.old.get(key);
  }

  set(key: Key, value: Value): void {
    this.young.set(key, value);
    if (this.young.size * 2 < this.max) return;
    this.old = this.young;
    this.young = new Map();
  }

  delete(key: Key): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
  }
}
