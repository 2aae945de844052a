import { Module, type DynamicModule } from '@nestjs/common';
import { AccessModule } from '@app/access/access.module';
import { NotificationsModule } from '@app/notifications/notifications.module';
import { PlatformModule, type Config } from '@app/platform';
import { librariesFor } from '../../api/src/libraries';

@Module({})
export class WorkerModule {
  static with(config: Config, fatal: (error: unknown) => void): DynamicModule {
    const platform = PlatformModule.with({ config, libraries: librariesFor(config), worker: true, fatal });
    return { module: WorkerModule, imports: [platform, AccessModule, NotificationsModule] };
  }
}
