import { Module, type DynamicModule } from '@nestjs/common';
import { AccessModule } from '@app/access/access.module';
import { ApprovalsModule } from '@app/approvals/approvals.module';
import { AuditModule } from '@app/audit/audit.module';
import { DirectorySyncModule } from '@app/directory-sync/directory-sync.module';
import { NotificationsModule } from '@app/notifications/notifications.module';
import { OrganisationModule } from '@app/organisation/organisation.module';
import { PlatformModule, type Config } from '@app/platform';
import { librariesFor } from './libraries';

@Module({})
export class AppModule {
  static with(config: Config, fatal: (error: unknown) => void, worker: boolean): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.with({ config, libraries: librariesFor(config), worker, fatal }),
        AccessModule,
        OrganisationModule,
        DirectorySyncModule,
        ApprovalsModule,
        NotificationsModule,
        AuditModule,
      ],
    };
  }
}
