import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AllowGuard, Authentication, handlerOf } from '@app/platform';
import { account } from './account';
import { TokenAuthentication } from './authentication';
import { ToAccount, TokensController } from './tokens.controller';

@Global()
@Module({
  controllers: [TokensController],
  providers: [
    handlerOf(ToAccount, account),
    { provide: Authentication, useClass: TokenAuthentication },
    { provide: APP_GUARD, useClass: AllowGuard },
  ],
  exports: [Authentication],
})
export class AccessModule {}
