// The door for commands: one generated handler per decider on the CommandBus.
import { Inject, type Type } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { LogFull, type Decider, type Origin, type Outcome, type Typed } from '@app/kernel';
import { sayPosition } from './positions';
import { Runtime } from './runtime';

/** A command on its way to one stream of a decider. Each decider has a class of its own that extends this one. */
export abstract class To<Payload extends Typed> extends Command<Outcome> {
  constructor(
    readonly id: string,
    readonly command: Payload,
    readonly origin: Origin,
    readonly ifMatch?: number,
  ) {
    super();
  }
}

/**
 * Makes the handler for a decider. It answers when the events are durable and the read models of this process show them.
 * @param message the class of messages, `class ToRequest extends To<RequestCommand> {}`
 */
export function handlerOf<State, Payload extends Typed, Event extends Typed>(
  message: Type<To<Payload>>,
  decider: Decider<State, Payload, Event>,
): Type<ICommandHandler> {
  @CommandHandler(message)
  class DeciderHandler implements ICommandHandler<To<Payload>, Outcome> {
    constructor(@Inject(Runtime) private readonly runtime: Runtime) {}

    async execute({ id, command, origin, ifMatch }: To<Payload>): Promise<Outcome> {
      // The log may have room left where the read models have none: what is recorded then could not be answered.
      if (this.runtime.models.full) throw new LogFull();
      const outcome = await this.runtime.run(decider, id, command, origin, ifMatch);
      sayPosition(origin, outcome.position);
      await this.runtime.shown(outcome.position);
      return outcome;
    }
  }
  Object.defineProperty(DeciderHandler, 'name', { value: `${decider.name}Handler` });
  return DeciderHandler;
}
