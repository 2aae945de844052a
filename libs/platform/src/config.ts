// The settings, from the environment. A wrong value stops the start with its name and the reason.
import { statSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { z } from 'zod';

const EVENT_STORE = /^(esdb|kurrentdb)(\+discover)?:\/\/([^:@/]+:[^@/]+@)?[^@/?]+\/?(\?.*)?$/;

/** A name knows when summer time begins; an offset does not. */
function isZone(name: string): boolean {
  try {
    return !/^[+-]/.test(name) && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What is not there is made; below a file nothing can be. */
function isOrBecomesFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    if (Error.isError(error) && 'code' in error) return error.code !== 'ENOTDIR';
    throw error;
  }
}

/** Where something answers, as a URL writes it: an IPv6 address stands in brackets. */
export function addressOf(host: string, port: number): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

const values = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z
    .string()
    .refine((host) => URL.canParse(addressOf(host, 0)), 'is no address or name of a machine')
    .default('127.0.0.1'),
  DATA_DIR: z.string().refine(isOrBecomesFolder, 'is no folder, nor can one be made there').default('.data'),
  EVENT_STORE_URL: z
    .string()
    .regex(EVENT_STORE, 'is not of the form esdb://user:password@host:2113,host:2113?options')
    .refine((url) => url.includes('@') || /[?&]tls=false(&|$)/i.test(url), 'needs a user and a password, or tls=false')
    .optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  SECRETS_FILE: z.string().min(1).optional(),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  TIME_ZONE: z.string().refine(isZone, 'is no time zone like Europe/London').default('UTC'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
});

const settings = values.refine(({ EVENT_STORE_URL, REDIS_URL }) => EVENT_STORE_URL === undefined || REDIS_URL !== undefined, {
  path: ['REDIS_URL'],
  message: 'is needed beside EVENT_STORE_URL, for the jobs and leases that processes share',
});

export type Config = z.infer<typeof settings>;

/** A setting has a value that cannot be used. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

/**
 * Reads the settings; an empty value counts as absent.
 * @throws ConfigError naming each wrong setting and why; never repeats a value, which may hold a password
 */
export function configFrom(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const result = settings.safeParse(given);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}
