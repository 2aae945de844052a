// `ended-job-policy`: what becomes of open requests when the job in whose name they were made has ended (E11).
import { Argument, type Command } from 'commander';
import type { Means } from './by-hand';
import type { Json } from './outcome';

const POLICIES = {
  continue: 'They go on, and the managers of the job that has ended decide.',
  cancel: 'They are cancelled, and may be made again in the name of another job.',
  move: 'They go on, and their learners may let them go on in the name of another job.',
};
type Policy = keyof typeof POLICIES;

export function addEndedJobPolicy(program: Command, { finish }: Means): void {
  program
    .command('ended-job-policy')
    .description('what becomes of open requests when the job in whose name they were made has ended')
    .addArgument(new Argument('[policy]', 'chooses it; without, the present one is told').choices(Object.keys(POLICIES)))
    .option('--json', 'one JSON document on stdout and nothing else')
    .action((policy: Policy | undefined, options: Json) =>
      finish(options, async (api) => {
        const place = 'ended-job-policy';
        const now: { policy: Policy } = await (policy ? api.call('PUT', place, { body: { policy } }) : api.get(place));
        return { document: now, lines: [`${now.policy}: ${POLICIES[now.policy]}`] };
      }),
    );
}
