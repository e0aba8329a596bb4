import { stepPlaceholders } from '../placeholders';
import { toolVersions } from '../pinnedVersions';
import type { Runtime } from '../types';
import { embedAndNew, embedAndNewCommands } from './embedAndNew';
import { jco, setupNode } from './jco';

const { core } = stepPlaceholders;

export const go: Runtime = {
  name: 'go-wasi',
  label: 'Go',
  language: 'Go',
  maturity: 'stable',
  sources: ['go.mod'],
  strategy: 'commands',
  prerequisites: [
    {
      tool: 'go',
      command: ['go', 'version'],
      versionPattern: 'go([0-9]+\\.[0-9]+(?:\\.[0-9]+)?)',
      minimum: '1.24',
      install: 'Install Go 1.24 or newer from go.dev/dl.',
    },
    jco,
  ],
  steps: [
    {
      label: 'Compile Go to a core module',
      command: [
        'go',
        'build',
        '-buildmode=c-shared',
        // The same module wherever it is built.
        '-trimpath',
        '-buildvcs=false',
        // The last lets Go's runtime be asked for memory before it has started.
        '-ldflags=-s -w -checklinkname=0',
        '-o',
        core,
        '.',
      ],
      // Without GOTOOLCHAIN, go may try to download another Go.
      env: { GOOS: 'wasip1', GOARCH: 'wasm', GOTOOLCHAIN: 'local' },
    },
    ...embedAndNew,
  ],
  output: 'module.wasm',
  memoryLimit: '192Mi',
  network: true,
  skeleton: {
    files: [
      { path: 'handler.go', purpose: 'answers a request; begin here' },
      { path: 'handler_test.go', purpose: 'its tests' },
      { path: 'wasi/', purpose: 'requests and responses by `wasi:http`' },
      { path: 'wit/', purpose: 'the interfaces that the module may use' },
    ],
    setup: [
      {
        uses: 'actions/setup-go@v5',
        with: { 'go-version': toolVersions.go },
      },
      setupNode,
    ],
    test: 'go test ./...',
    build: [
      "GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -buildvcs=false -ldflags='-s -w -checklinkname=0' -o core.wasm .",
      ...embedAndNewCommands,
    ],
    ignored: ['/core.wasm', '/embedded.wasm'],
  },
};
