// The highest unit above each: a file ends nothing under others than its own.

/** Answers for any unit, each looked up once; an assignment without a unit is under none. */
export function topsBy(parentOf: (id: string) => string | undefined): (unit: string | undefined) => string {
  const tops = new Map<string, string>();
  return (unit) => {
    if (unit === undefined) return '';
    const passed: string[] = [];
    let id = unit;
    while (!tops.has(id)) {
      passed.push(id);
      const parent = parentOf(id);
      if (parent === undefined) break;
      id = parent;
    }
    const top = tops.get(id) ?? id;
    for (const below of passed) tops.set(below, top);
    return top;
  };
}
