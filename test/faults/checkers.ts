// The two checkers of every run. Safety: nothing bad happened. Liveness: after the last fault everything reaches a state.
import { verifyLog } from '@app/event-log';
import { expected } from '../support/http';
import type { Server } from '../support/server';
import { until } from '../support/until';
import { accepted, type Counted, type Ledger, type Sent } from './witness';

/** Of acknowledged commands, those that the log does not hold exactly once. */
export function lostFrom(ledger: Counted, sent: readonly Sent[]): readonly Sent[] {
  return sent.filter((one) => accepted(one) && ledger.timesOf(one) !== 1);
}

/** Brings the ledger up to the log of a server that has ended, and asks that it is whole and holds each thing once. */
export function requireSafety({ folder }: Server, ledger: Ledger): void {
  ledger.read();
  expect(verifyLog(folder)).toEqual({ events: ledger.position, hash: expect.any(String) });
  expect([...ledger.commandsTwice(), ...ledger.decidedTwice()]).toEqual([]);
  expect(ledger.stuck()).toEqual([]);
}

/** Asks of a server that runs that its read models are those that its log gives, and that nothing was left lying. */
export async function requireLiveness({ operator }: Server): Promise<void> {
  await until(async () => expected(200, await operator.get('//readyz')).lag.events === 0);
  expect(expected(200, await operator.get('//readyz')).parked).toBe(0);
  expect(expected(200, await operator.post('/audit/replay?check=true')).different).toEqual([]);
}
