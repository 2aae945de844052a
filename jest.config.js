/** Specs stand beside their source; suites that start processes, servers or browsers are in test/. */
module.exports = {
  rootDir: '.',
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  moduleNameMapper: {
    '^@app/([^/]+)$': '<rootDir>/libs/$1/src',
    '^@app/([^/]+)/(.+)$': '<rootDir>/libs/$1/src/$2',
  },
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  // What hangs comes to an end; what a busy machine holds up goes on. The fault suites in full take hours.
  testTimeout: process.env.FULL ? 86_400_000 : 900_000,
  testEnvironment: 'node',
  maxWorkers: 2,
  workerIdleMemoryLimit: '400MB',
};
