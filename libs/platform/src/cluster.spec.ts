import { startRedis, type RedisServer } from '../../../test/support/redis';
import { Cluster, type ClusterParts } from './cluster';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

const join = (zone: string) => Cluster.join(server.url, { zone } as ClusterParts);

test('processes of one cluster count their days in one time zone (E31)', async () => {
  const first = await join('Europe/London');
  await expect(join('Europe/Paris')).rejects.toThrow('TIME_ZONE: is Europe/Paris here and Europe/London in the other processes');
  const second = await join('Europe/London');
  // As if nobody had said so for a while.
  await server.flush();
  const third = await join('Europe/Paris');
  for (const cluster of [first, second, third]) cluster.close();
});
