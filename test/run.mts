// `npm test`: every check and every suite, on a fresh machine too. Arguments go to jest. The last line is the sum.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const env: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: [join(root, 'node_modules/.bin'), process.env['PATH'], '/usr/sbin', '/usr/bin'].join(delimiter),
  // Nest's packages are ES modules only, which jest loads behind this flag.
  NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning --disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
};
const sum = { passed: 0, failed: 0 };

haveRedis();
check('format', 'prettier', '--check', '--log-level', 'warn', '.');
check('lint', 'oxlint');
check('types', 'tsc', '-p', '.');
check('build', './build.sh');
suites();
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed > 0 ? 1 : 0;

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
function suites(): void {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  const file = join(folder, 'results.json');
  const good = run('jest', '--json', `--outputFile=${file}`, ...process.argv.slice(2));
  try {
    const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
    const failed = results.numFailedTests + results.numPendingTests + results.numTodoTests + results.numRuntimeErrorTestSuites;
    sum.passed += results.numPassedTests;
    sum.failed += !good && failed === 0 ? 1 : failed;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    sum.failed += 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
