// `npm test`: every check and every suite, on a fresh machine too. Arguments go to jest. The last line is the sum.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

/** Bytes. */
const ROOM_MIN = 4 * 1024 ** 3;
/** Holds how long something takes to a limit, and so runs when nothing else does. */
const TIMED = 'test/faults/kill.spec.ts';
const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(inMemory() ?? tmpdir(), 'countersign-test-'));
const env: NodeJS.ProcessEnv = {
  ...process.env,
  TMPDIR: folder,
  PATH: [join(root, 'node_modules/.bin'), process.env['PATH'], '/usr/sbin', '/usr/bin'].join(delimiter),
  // Nest's packages are ES modules only, which jest loads behind this flag.
  NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning --disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
};
const sum = { passed: 0, failed: 0 };

process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
haveRedis();
check('format', 'prettier', '--check', '--log-level', 'warn', '.');
check('lint', 'oxlint');
check('types', 'tsc', '-p', '.');
check('build', './build.sh');
const words = process.argv.slice(2);
if (words.length > 0) suites(...words);
else {
  suites(`--testPathIgnorePatterns=${TIMED}`);
  suites(TIMED);
}
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed > 0 ? 1 : 0;

/**
 * A file system in memory, where the machine has one with room: the suites write gigabytes, and a disk that others write to as well
 * stalls for seconds. What a killed process has written stays there too; `npm run test:faults` uses the disk.
 */
function inMemory(): string | undefined {
  const path = '/dev/shm';
  try {
    accessSync(path, constants.W_OK);
    const { bavail, bsize } = statfsSync(path);
    const noPrograms = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .some((line) => line.includes(` ${path} `) && line.includes('noexec'));
    return bavail * bsize >= ROOM_MIN && !noPrograms ? path : undefined;
  } catch {
    return undefined;
  }
}

function run(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { cwd: root, env, stdio: 'inherit' }).status === 0;
}

function check(name: string, command: string, ...args: readonly string[]): void {
  const start = Date.now();
  const good = run(command, ...args);
  sum[good ? 'passed' : 'failed'] += 1;
  console.log(`${good ? 'PASS' : 'FAIL'} ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
}

/** The suites of the job queue speak to a real Redis. Where there is none it is installed, or we say how. */
function haveRedis(): void {
  if (spawnSync('redis-server', ['--version'], { env }).status === 0) return;
  const debianRoot = process.getuid?.() === 0 && spawnSync('apt-get', ['--version'], { env }).status === 0;
  if (debianRoot) check('redis-server installed', 'sh', '-c', 'apt-get update -qq && apt-get install -y -qq redis-server');
  if (spawnSync('redis-server', ['--version'], { env }).status === 0) return;
  console.log('The tests need redis-server on the PATH. Install it (Debian: apt-get install redis-server; macOS: brew install redis).');
  console.log(`${sum.passed} passed, ${sum.failed || 1} failed`);
  process.exit(1);
}

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

/** Runs jest. A test that did not run has not passed, and nor has a suite that did not load. */
function suites(...words: readonly string[]): void {
  const file = join(mkdtempSync(join(folder, 'results-')), 'results.json');
  const good = run('jest', '--json', `--outputFile=${file}`, ...words);
  try {
    const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
    const failed = results.numFailedTests + results.numPendingTests + results.numTodoTests + results.numRuntimeErrorTestSuites;
    sum.passed += results.numPassedTests;
    sum.failed += !good && failed === 0 ? 1 : failed;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    sum.failed += 1;
  }
}
