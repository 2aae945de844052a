// What an administrator decides about all approvals of the site.
import { Body, Controller, Get, Inject, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { reject, type Views } from '@app/kernel';
import { isActive, personOf } from '@app/organisation';
import { Allow, CallerOf, Checked, Runtime, To, type Caller } from '@app/platform';
import { ENDED_JOB_POLICIES, endedJobPolicy, fallbackApprover, SITE, type SettingsCommand } from './approval-settings';
import { endedJobBody, fallbackBody } from './approvals.dto';
import { askedNow } from './pending-approvals';
import { openRequestsFor } from './requests';

export class ToApprovalSettings extends To<SettingsCommand> {}

const fallbackAnswer = z.object({ person: z.string().optional() }).meta({ id: 'FallbackApproverNow' });
const endedJobAnswer = z.object({ policy: z.enum(ENDED_JOB_POLICIES) }).meta({ id: 'EndedJobPolicyNow' });

@ApiTags('requests')
@ApiBearerAuth()
@Controller()
@Allow('admin', 'auditor')
export class ApprovalSettingsController {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Runtime) private readonly runtime: Runtime,
  ) {}

  @Get('fallback-approver')
  @Checked(fallbackAnswer)
  fallback() {
    return { person: fallbackApprover(this.runtime.models) };
  }

  /** Names the person who is asked when no manager can be. */
  @Put('fallback-approver')
  @Allow('admin')
  @Checked(fallbackAnswer)
  async nameFallback(@Body({ schema: fallbackBody }) { person }: z.infer<typeof fallbackBody>, @CallerOf() me: Caller) {
    const { models } = this.runtime;
    if (me.person !== undefined && (person === me.person || waitsForFallback(models, me.person))) reject('forbidden', 'self-benefit');
    if (!personOf(models, person)) reject('not-found', 'unknown-person', { person });
    if (!isActive(models, person, me.on)) reject('conflict', 'person-inactive', { person });
    await this.bus.execute(new ToApprovalSettings(SITE, { type: 'NameFallbackApprover', person }, me));
    return { person };
  }

  @Get('ended-job-policy')
  @Checked(endedJobAnswer)
  endedJobs() {
    return { policy: endedJobPolicy(this.runtime.models) };
  }

  /** Chooses what becomes of open requests whose job has ended; those whose job had ended before are no exception. */
  @Put('ended-job-policy')
  @Allow('admin')
  @Checked(endedJobAnswer)
  async chooseForEndedJobs(@Body({ schema: endedJobBody }) { policy }: z.infer<typeof endedJobBody>, @CallerOf() me: Caller) {
    await this.bus.execute(new ToApprovalSettings(SITE, { type: 'ChooseEndedJobPolicy', policy }, me));
    return { policy };
  }
}

/** Whether another fallback approver would decide what the person has asked for: the present one is asked, or nobody is. */
function waitsForFallback(views: Views, person: string): boolean {
  return openRequestsFor(views, person).some((id) => {
    const asked = askedNow(views, id);
    return asked.length === 0 || asked.some(({ why }) => why.as === 'fallback');
  });
}
