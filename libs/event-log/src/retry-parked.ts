// Takes what followers parked once more, when its cause is mended.
import type { AnySaga } from '@app/kernel';
import { reactionFault, type SagaParts } from './follow';

/**
 * Takes every parked event again, in the order of the log; the later ones of a stream wait while an earlier one fails.
 * Answers how many went through and how many stay.
 */
export async function retryParked(
  sagas: readonly AnySaga[],
  parts: SagaParts,
): Promise<{ readonly taken: number; readonly parked: number }> {
  const { log, models } = parts;
  const failed = new Set<string>();
  let taken = 0;
  for (const one of models.parked()) {
    const line = `${one.follower} ${one.stream}`;
    const [recorded] = await log.readAll({ after: one.position - 1, max: 1 });
    if (failed.has(line) || !recorded) continue;
    const saga = sagas.find(({ name }) => name === one.follower);
    const reason = saga && (await reactionFault(saga, recorded, parts));
    if (saga && reason === undefined) models.unpark(one);
    else if (saga) models.park({ ...one, reason: reason! });
    const through = saga ? reason === undefined : models.retake(one, recorded);
    if (through) taken++;
    else failed.add(line);
  }
  return { taken, parked: models.parked().length };
}
