import { Module } from '@nestjs/common';
import { handlerOf } from '@app/platform';
import { AffectedController } from './affected.controller';
import { approvalRequest } from './approval-request';
import { approvalSettings } from './approval-settings';
import { ApprovalSettingsController, ToApprovalSettings } from './approval-settings.controller';
import { ApprovalsController, ToRequest } from './approvals.controller';
import { ApproversController } from './approvers.controller';
import { EndedJobsController } from './ended-jobs.controller';
import { InboxController } from './inbox.controller';
import { ModeComparisonController } from './mode-comparison.controller';
import { Openings } from './openings';
import { RequestReader } from './request-reader';
import { StreamController } from './stream.controller';
import { TeamController } from './team.controller';

@Module({
  controllers: [
    ApprovalsController,
    InboxController,
    StreamController,
    ApproversController,
    TeamController,
    AffectedController,
    EndedJobsController,
    ModeComparisonController,
    ApprovalSettingsController,
  ],
  providers: [RequestReader, Openings, handlerOf(ToRequest, approvalRequest), handlerOf(ToApprovalSettings, approvalSettings)],
})
export class ApprovalsModule {}
