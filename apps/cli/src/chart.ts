// `chart`: the organisation chart of any day, as it is known now or was known earlier (O16).
import { Option, type Command } from 'commander';
import type { Means } from './by-hand';
import type { Json } from './outcome';

interface Post {
  readonly id: string;
  readonly title: string;
  readonly holders: readonly { readonly name: string }[];
}
type Node = (Post | { readonly id: string; readonly name: string; readonly heads: readonly Post[] }) & { readonly depth: number };
interface ChartOptions extends Json {
  readonly of: string;
  readonly unit?: string;
  readonly position?: string;
  readonly depth?: string;
  readonly asOf?: string;
  readonly knownAt?: string;
}

export function addChart(program: Command, { finish, asDate }: Means): void {
  program
    .command('chart')
    .description('draw the organisation: posts with their holders, or units with their heads')
    .addOption(new Option('--of <what>', 'what it is made of').choices(['positions', 'units']).default('positions'))
    .option('--unit <id>', 'only this unit and what is below it')
    .option('--position <id>', 'only this position and what is below it')
    .option('--depth <number>', 'so many levels')
    .option('--as-of <date>', 'on which day (default: today)', asDate)
    .option('--known-at <when>', 'as it was known at an instant or a position of the log')
    .option('--json', 'one JSON document on stdout and nothing else')
    .action(({ json, ...asked }: ChartOptions) =>
      finish({ ...(json && { json }) }, async (api) => {
        const nodes = await Array.fromAsync(api.list<Node>(`chart?${new URLSearchParams({ ...asked })}`));
        return { document: nodes, lines: nodes.length > 0 ? nodes.map(lineOf) : ['Nothing is recorded for that day.'] };
      }),
    );
}

function lineOf(node: Node): string {
  const indent = '  '.repeat(node.depth - 1);
  if ('title' in node) return `${indent}${postLine(node)}`;
  return `${indent}${node.name} (${node.id})${node.heads.length > 0 ? `: ${node.heads.map(postLine).join('; ')}` : ''}`;
}

function postLine({ id, title, holders }: Post): string {
  return `${title} (${id}): ${holders.map(({ name }) => name).join(', ') || 'vacant'}`;
}
