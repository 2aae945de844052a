// The compose files are held to the code, and to what a container should be allowed.
import { parse } from 'yaml';
import { configFrom } from '@app/platform/config';
import { filesLike, textOf } from './support/sources';

interface Service {
  readonly image?: string;
  readonly build?: object;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, object>>;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly [option: string]: unknown;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const SECRET = /password|secret|token|key/i;
const GIVEN: Readonly<Record<string, string>> = { EVENT_STORE_PASSWORD: 'given', SMTP_URL: 'smtp://mail.example' };

describe.each(filesLike('docker/compose*.yaml'))('%s', (path) => {
  const { services, volumes } = parse(textOf(path), { merge: true }) as Compose;
  const all = Object.entries(services);
  const ours = all.filter(([, { build }]) => build);

  test('has our services, and every setting of theirs is one that we know and take', () => {
    expect(ours.length).toBeGreaterThan(0);
    for (const [, { environment = {} }] of ours) {
      const settings = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, substituted(value)]));
      const config = configFrom(settings);
      expect(Object.keys(config)).toEqual(expect.arrayContaining(Object.keys(settings)));
      expect(config).toMatchObject(settings);
    }
  });

  test('starts programs that there are', () => {
    const started = ours.flatMap(([, { command = ['dist/apps/api/src/main.js'] }]) => command.filter((word) => word.endsWith('.js')));
    const sources = started.map((program) => program.replace(/^dist\//, '').replace(/\.js$/, '.ts'));
    expect(sources.filter((source) => filesLike(source).length === 0)).toEqual([]);
  });

  test('names one version of each image that is not ours', () => {
    const images = all.flatMap(([, { image, build }]) => (image && !build ? [image] : []));
    expect(images.filter((image) => !/:v?\d+\.\d+[\w.-]*$/.test(image))).toEqual([]);
  });

  test('gives no container more than it needs', () => {
    const loose = ours.filter(
      ([, { privileged, read_only, cap_drop, security_opt }]) =>
        privileged || !read_only || cap_drop?.[0] !== 'ALL' || security_opt?.[0] !== 'no-new-privileges:true',
    );
    expect(loose).toEqual([]);
    expect(all.filter(([, { privileged, pid, ipc }]) => privileged || pid || ipc)).toEqual([]);
    expect(all.flatMap(([, { volumes: mounts = [] }]) => mounts).filter((mount) => mount.includes('docker.sock'))).toEqual([]);
  });

  test('holds no secret', () => {
    const written = all.flatMap(([, { environment = {} }]) => Object.entries(environment));
    const secrets = written.filter(([name, value]) => SECRET.test(name) && !/^(\$\{|\/)/.test(value));
    expect(secrets).toEqual([]);
    expect(written.filter(([, value]) => /:\/\/[^/]*:(?!\$\{)[^/]*@/.test(value))).toEqual([]);
  });

  test('mounts and waits for what there is', () => {
    const mounts = all.flatMap(([, { volumes: list = [] }]) => list.map((mount) => mount.split(':')[0]!));
    expect(mounts.filter((name) => !name.startsWith('.') && !(name in volumes))).toEqual([]);
    expect(mounts.filter((name) => name.startsWith('.') && filesLike(`docker/${name.slice(2)}`).length === 0)).toEqual([]);
    expect(Object.keys(volumes).filter((name) => !mounts.includes(name))).toEqual([]);
    const awaited = all.flatMap(([, { depends_on = [] }]) => (Array.isArray(depends_on) ? depends_on : Object.keys(depends_on)));
    expect(awaited.filter((name) => !(name in services))).toEqual([]);
  });

  test('looks after the health of whatever listens', () => {
    const silent = all.filter(
      ([, { image, build, healthcheck, network_mode }]) => image && !build && !healthcheck && network_mode !== 'none',
    );
    expect(silent.map(([name]) => name)).toEqual([]);
  });
});

/** As compose does: what is given, else what stands behind `:-`. */
function substituted(value: string): string {
  return value.replace(
    /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (_all, name: string, kind = '', other = '') => GIVEN[name] ?? (kind === '-' ? other : ''),
  );
}
