// Figures of the log and of everything that follows it here.
import { Gauge, type Registry } from '@prometheus-io/client';
import { PAGE_EVENTS_MAX } from '@app/kernel';
import { lagsOf, positionsOf, READ_MODELS, type Following } from './followers';

export class FollowerMetrics {
  private readonly gauges: ReturnType<typeof gaugesIn>;

  constructor(
    registry: Registry,
    private readonly following: Following,
  ) {
    this.gauges = gaugesIn(registry);
  }

  /** One look at the log for all figures; one that cannot be known now is left out rather than told as it was. */
  async look(): Promise<void> {
    const { models, followers } = this.following;
    const { logAnswers, logPosition, runs, position, lagEvents, lagSeconds, parked } = this.gauges;
    for (const gauge of [position, lagEvents, lagSeconds, parked]) gauge.reset();
    for (const [follower, state] of followers) runs.set({ follower }, Number(state === 'follows'));
    const positions = await positionsOf(this.following);
    for (const [follower, at] of positions) position.set({ follower }, at);
    for (const { name: follower } of models.projections) parked.set({ follower }, 0);
    for (const follower of followers.keys()) if (follower !== READ_MODELS) parked.set({ follower }, 0);
    for (const { follower } of models.parked()) parked.inc({ follower });
    const looked = await lagsOf(this.following.log, { positions, now: Date.now() });
    logAnswers.set(Number(looked !== undefined));
    if (!looked) return;
    logPosition.set(looked.head);
    for (const [follower, { events, seconds }] of looked.lags) {
      lagEvents.set({ follower }, events);
      lagSeconds.set({ follower }, seconds);
    }
  }
}

function gaugesIn(registry: Registry) {
  const one = (name: string, help: string) => new Gauge({ name: `countersign_${name}`, help, registers: [registry] });
  const each = (name: string, help: string) =>
    new Gauge({ name: `countersign_${name}`, help, labelNames: ['follower'] as const, registers: [registry] });
  return {
    logAnswers: one('log_answers', 'Whether the log says where it ends (1)'),
    logPosition: one('log_position', 'Position of the last event in the log when it last said so'),
    runs: each('follower_runs', 'Whether the follower runs (1), or has ended without being told to (0)'),
    position: each('follower_position', 'Position up to which the follower has taken the log'),
    lagEvents: each('follower_lag_events', `Events to take yet; ${PAGE_EVENTS_MAX} stands for that many or more`),
    lagSeconds: each('follower_lag_seconds', 'For how long the first event to take yet has been in the log'),
    parked: each('parked_events', 'Events that could not be taken; retry them when the cause is mended'),
  };
}
