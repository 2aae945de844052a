// The figures of this process, in Prometheus' text format.
import { Inject, Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';
import { FollowerMetrics } from './follower-metrics';
import { Runtime } from './runtime';

@Injectable()
export class Metrics {
  /** Libraries add their own figures. */
  readonly registry = new Registry();
  private readonly seconds = new Histogram({
    name: 'countersign_http_request_seconds',
    help: 'Time to answer, by route and status',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2],
    registers: [this.registry],
  });
  private readonly followers: FollowerMetrics;

  constructor(@Inject(Runtime) runtime: Runtime) {
    this.followers = new FollowerMetrics(this.registry, runtime);
    collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    new Gauge({
      name: 'countersign_disk_full',
      help: 'Whether there is no room on the disk (1); writes are refused with 507, and go on by themselves when there is',
      registers,
      collect() {
        this.set(Number(runtime.file?.full || runtime.models.full));
      },
    });
  }

  /** Notes one answered request. */
  answered(labels: { method: string; route: string; status: number }, milliseconds: number): void {
    this.seconds.observe(labels, milliseconds / 1000);
  }

  async text(): Promise<string> {
    await this.followers.look();
    return this.registry.metrics();
  }
}
