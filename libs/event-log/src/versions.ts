/** A number for each read model: another one whenever its rows may have become others. */
export class Versions {
  private readonly versions: Map<string, number>;

  constructor(names: readonly string[]) {
    this.versions = new Map(names.map((name) => [name, 0]));
  }

  of(name: string): number {
    return this.versions.get(name) ?? 0;
  }

  change(name: string): void {
    this.versions.set(name, this.of(name) + 1);
  }

  changeAll(): void {
    for (const name of this.versions.keys()) this.change(name);
  }
}
