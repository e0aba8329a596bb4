import {
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createMockDirectory } from '@backstage/backend-test-utils';
import { openWorkspaceStore } from '.';

const root = createMockDirectory();
const directory = root.resolve('kept');
const workspace = root.resolve('work/task');
const NOW = new Date('2026-11-21T12:00:00Z');
const taskId = '4f1cbb1b-1f0f-4a4e-9f3d-0d8a4a3c9f11';

const open = () => openWorkspaceStore({ directory, now: () => NOW });

beforeEach(async () => {
  root.clear();
  await mkdir(workspace, { recursive: true });
});

describe('workspace store', () => {
  it('gives a new process the workspace as the last finished step left it', async () => {
    await mkdir(`${workspace}/src`);
    await writeFile(`${workspace}/func.yaml`, 'name: a\n');
    await writeFile(`${workspace}/src/build.sh`, '#!/bin/sh\n');
    await chmod(`${workspace}/src/build.sh`, 0o755);
    await symlink('func.yaml', `${workspace}/link`);
    const store = await open();
    await store.serializeWorkspace({ path: workspace, taskId });
    await writeFile(`${workspace}/module.wasm`, 'built');
    await store.serializeWorkspace({ path: workspace, taskId });

    // Half of a step that was killed.
    await writeFile(`${workspace}/module.wasm`, 'bu');
    await writeFile(`${workspace}/half`, '');
    await (await open()).rehydrateWorkspace({ taskId, targetPath: workspace });

    expect((await readdir(workspace)).sort()).toEqual([
      'func.yaml',
      'link',
      'module.wasm',
      'src',
    ]);
    expect(await readFile(`${workspace}/module.wasm`, 'utf8')).toBe('built');
    expect(await readlink(`${workspace}/link`)).toBe('func.yaml');
    const { mode } = await stat(`${workspace}/src/build.sh`);
    expect((mode % 0o1000).toString(8)).toBe('755');
  });

  it('keeps the copy before when it is killed while copying', async () => {
    await writeFile(`${workspace}/func.yaml`, 'whole');
    await (await open()).serializeWorkspace({ path: workspace, taskId });
    await mkdir(`${directory}/${taskId}/draft`);
    await writeFile(`${directory}/${taskId}/draft/func.yaml`, 'ha');

    await (await open()).rehydrateWorkspace({ taskId, targetPath: workspace });
    expect(await readFile(`${workspace}/func.yaml`, 'utf8')).toBe('whole');

    await writeFile(`${workspace}/func.yaml`, 'next');
    await (await open()).serializeWorkspace({ path: workspace, taskId });
    expect(await readdir(`${directory}/${taskId}`)).toEqual(['2']);
  });

  it('keeps one copy a run, however many steps it has, and none of a finished one', async () => {
    const store = await open();
    for (const content of ['1', '2', '3']) {
      await writeFile(`${workspace}/file`, content);
      await store.serializeWorkspace({ path: workspace, taskId });
      await store.serializeWorkspace({ path: workspace, taskId });
    }
    expect(await readdir(`${directory}/${taskId}`)).toEqual(['3']);

    await store.cleanWorkspace({ taskId });
    expect(await readdir(directory)).toEqual([]);
  });

  it('notices a file that was written again with as many bytes', async () => {
    const store = await open();
    await writeFile(`${workspace}/file`, 'aaaa');
    await store.serializeWorkspace({ path: workspace, taskId });
    await writeFile(`${workspace}/file`, 'bbbb');
    await store.serializeWorkspace({ path: workspace, taskId });
    await rm(workspace, { recursive: true });

    await store.rehydrateWorkspace({ taskId, targetPath: workspace });
    expect(await readFile(`${workspace}/file`, 'utf8')).toBe('bbbb');
  });

  it('keeps a link as it is, whatever it leads to', async () => {
    await symlink('/', `${workspace}/everything`);
    await symlink('.', `${workspace}/circle`);
    const store = await open();
    await store.serializeWorkspace({ path: workspace, taskId });
    await rm(workspace, { recursive: true });

    await store.rehydrateWorkspace({ taskId, targetPath: workspace });
    expect(await readlink(`${workspace}/everything`)).toBe('/');
    expect(await readlink(`${workspace}/circle`)).toBe('.');
  });

  it('tells at the start of the backend that its folder cannot be used', async () => {
    await writeFile(directory, 'a file');
    await expect(open()).rejects.toThrow(
      /^The folder of scaffolder.taskRecovery.directory cannot be used: EEXIST: .*kept/,
    );
  });

  it('begins a run that nothing was kept of with an empty workspace', async () => {
    await writeFile(`${workspace}/half`, '');
    await (await open()).rehydrateWorkspace({ taskId, targetPath: workspace });
    expect(await readdir(workspace)).toEqual([]);
  });

  it('forgets failed runs after two weeks', async () => {
    const store = await open();
    await writeFile(`${workspace}/file`, '');
    await store.serializeWorkspace({ path: workspace, taskId: 'old' });
    await store.serializeWorkspace({ path: workspace, taskId: 'recent' });
    const days = (count: number) =>
      new Date(NOW.getTime() - count * 24 * 60 * 60 * 1000);
    await utimes(`${directory}/old`, days(15), days(15));
    await utimes(`${directory}/recent`, days(13), days(13));

    await open();
    expect(await readdir(directory)).toEqual(['recent']);
  });
});
