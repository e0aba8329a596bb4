import type {
  ModuleCommand,
  ModuleEngine,
  ServeOptions,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { actionContexts } from '../../__testUtils__/actionContext';
import { EMPTY_CORE_MODULE } from '../../__testUtils__/modules';
import { createRunAction } from './createRunAction';

const INPUT = {
  modulePath: 'tool.wasm',
  args: ['tool', '--version'],
  env: { LEVEL: 'debug' },
  directories: [],
  request: { method: 'GET', path: '/', headers: {} },
  timeoutSeconds: 30,
};

describe('wasi:module:run', () => {
  const context = actionContexts();
  let commands: ModuleCommand[];
  let exitCode: number;
  const engine: ModuleEngine = {
    prepare: () => Promise.reject(new Error('a command is not prepared')),
    serve: (_: ServeOptions) =>
      Promise.reject(new Error('a command is not served')),
    close: async () => {},
    async runCommand(command) {
      commands.push(command);
      return { exitCode, stdout: 'tool 1.0\n', stderr: 'warming up\n' };
    },
  };
  const action = createRunAction({ engine, maxModuleBytes: 1024 });
  beforeEach(() => {
    commands = [];
    exitCode = 0;
  });

  it('gives a command what the inputs name and nothing else', async () => {
    const { ctx, outputs, lines, workspacePath } = await context({
      input: {
        ...INPUT,
        directories: [{ path: 'data', guestPath: '/data', readOnly: true }],
      },
      files: { 'tool.wasm': EMPTY_CORE_MODULE, 'data/file': 'x' },
    });
    await action.handler(ctx);
    expect(commands).toEqual([
      {
        modulePath: `${workspacePath}/tool.wasm`,
        args: ['tool', '--version'],
        env: { LEVEL: 'debug' },
        directories: [
          {
            hostPath: `${workspacePath}/data`,
            guestPath: '/data',
            readOnly: true,
          },
        ],
        network: undefined,
        limitOutgoingHttp: true,
        timeoutMs: 30_000,
        signal: undefined,
      },
    ]);
    expect(outputs).toEqual({ exitCode: 0, body: 'tool 1.0\n' });
    expect(lines).toContain('warming up');
  });

  it('fails when the command fails', async () => {
    exitCode = 3;
    const { ctx } = await context({
      input: INPUT,
      files: { 'tool.wasm': EMPTY_CORE_MODULE },
    });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      code: 'MODULE_RUN_FAILED',
      message: expect.stringMatching(
        /^tool.wasm ended with exit code 3\. Read/,
      ),
    });
  });

  it('refuses to open a folder outside the workspace', async () => {
    const { ctx } = await context({
      input: {
        ...INPUT,
        directories: [{ path: '..', guestPath: '/', readOnly: true }],
      },
      files: { 'tool.wasm': EMPTY_CORE_MODULE },
    });
    await expect(action.handler(ctx)).rejects.toMatchObject({
      code: 'SOURCE_PATH_ESCAPES',
    });
    expect(commands).toEqual([]);
  });

  it('runs nothing in a dry run', async () => {
    const { ctx } = await context({ input: INPUT, isDryRun: true });
    await action.handler(ctx);
    expect(commands).toEqual([]);
  });
});
