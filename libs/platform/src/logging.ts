// One JSON line per happening, without secrets and without personal text.
import type { Params } from 'nestjs-pino';
import type { Config } from './config';

/** Answers below 400 are logged at debug: an operator asks the metrics for those. */
export function loggingOf({ LOG_LEVEL }: Pick<Config, 'LOG_LEVEL'>): Params {
  const chatty = LOG_LEVEL === 'debug' || LOG_LEVEL === 'trace';
  return {
    // A logger for each request costs a tenth of the throughput, so there is none unless each request is logged.
    ...(!chatty && { forRoutes: [] }),
    pinoHttp: {
      level: LOG_LEVEL,
      customLogLevel: (_request, reply, error) => (error || reply.statusCode >= 500 ? 'error' : reply.statusCode >= 400 ? 'info' : 'debug'),
      serializers: {
        req: ({ id, method, url }: { id: string; method: string; url: string }) => ({ id, method, url: url.split('?')[0] }),
        res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
      },
      quietReqLogger: true,
      autoLogging: chatty,
    },
  };
}
