// Approvals in process: through the runtime, beside the bare limit.
import { join } from 'node:path';
import { Limit } from './limit';
import { Ours } from './ours';
import { asks } from './people';
import type { Line } from './report';
import { alternating, round, type Round } from './rounds';
import { approveOnce, type Side } from './side';

export const IN_FLIGHT = [1, 16, 64, 256];

export async function approvals(folder: string, roundMs: number): Promise<readonly Line[]> {
  return [...(await compare(folder, { notices: false, roundMs })), ...(await compare(folder, { notices: true, roundMs }))];
}

async function compare(folder: string, { notices, roundMs }: { notices: boolean; roundMs: number }): Promise<readonly Line[]> {
  const what = notices ? 'approvals with notices' : 'approvals';
  const ours = await Ours.open(join(folder, `${what} ours`), { notices });
  const limit = new Limit(join(folder, `${what} limit`), { notices });
  const next = asks();
  const play = async (side: Side, inFlight: number, ms: number): Promise<Round> => {
    const before = side.flushes;
    const work = (took: (time: number) => void) => approveOnce(side, next.next().value, took);
    const { done, ...given } = await round(inFlight, work, { ms, settle: () => side.settle() });
    return { ...given, flushes: (side.flushes - before) / done };
  };
  const lines: Line[] = [];
  for (const inFlight of IN_FLIGHT) {
    const [mine, its] = await alternating<Side>([ours, limit], roundMs, (side, ms) => play(side, inFlight, ms));
    lines.push({ what, at: `${inFlight} in flight`, unit: '/s', ours: mine!, beside: 'limit', its: its! });
  }
  await ours.close();
  await limit.close();
  return lines;
}
