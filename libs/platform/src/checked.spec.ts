import { Body, Param } from '@nestjs/common';
import { z } from 'zod';
import { Checked } from './checked';

const word = z.string().regex(/^[a-z]+$/, 'is no word');
const body = z.strictObject({ name: word, loud: z.boolean().default(false), of: z.strictObject({ title: word }).optional() });
const answer = z.object({ greeting: z.string() });

class Routes {
  calls = 0;

  @Checked(answer)
  greet(@Param('id', { schema: word }) id: string, caller: string, @Body({ schema: body }) { name, loud }: z.infer<typeof body>): object {
    this.calls += 1;
    return { greeting: `${id} ${caller} ${name} ${loud}`, secret: 'x' };
  }

  @Checked(answer)
  async later(): Promise<object> {
    return { greeting: 'later', secret: 'x' };
  }

  @Checked(answer)
  wrong(): object {
    return { secret: 'x' };
  }
}
const routes = new Routes();
const greet = (id: unknown, given: unknown) => routes.greet(id as string, 'me', given as never);

test('a method gets what the schemas make of its parameters, and the others as they are', () =>
  expect(greet('hello', { name: 'ann' })).toEqual({ greeting: 'hello me ann false' }));
test('what its schema does not name is left out of an answer, at once or later', async () => {
  expect(await routes.later()).toEqual({ greeting: 'later' });
  expect(() => routes.wrong()).toThrow(/greeting/);
});
test.each([
  ['a field', 'a', { name: 'Ann' }, [{ field: 'name', message: 'is no word' }]],
  ['a field of a field', 'a', { name: 'ann', of: { title: 'Dr' } }, [{ field: 'of.title', message: 'is no word' }]],
  ['fields that are not known, each', 'a', { name: 'ann', x: 1, of: { title: 'dr', y: 1 } }, [{ field: 'of.y' }, { field: 'x' }]],
  ['the body, where it is none', 'a', undefined, [{ field: 'body' }]],
  ['the parameter of a path', 'A', { name: 'ann' }, [{ field: 'id', message: 'is no word' }]],
])('a refusal names %s, and nothing is called', (_what, id, given, errors) => {
  const before = routes.calls;
  expect(() => greet(id, given)).toThrow(
    expect.objectContaining({
      response: expect.objectContaining({ code: 'invalid-input', errors: errors.map((one) => expect.objectContaining(one)) }),
    }),
  );
  expect(routes.calls).toBe(before);
});
