import { mkdtemp, open, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFunctionFolder } from './functionFolder';

describe('readFunctionFolder', () => {
  let workspace: string;
  let file: string;

  beforeEach(async () => {
    workspace = await realpath(await mkdtemp(join(tmpdir(), 'workspace-')));
    file = join(workspace, 'func.yaml');
  });

  afterEach(async () => {
    await rm(workspace, { recursive: true, force: true });
  });

  it('refuses bytes that are no UTF-8 where they stand, instead of exchanging them', async () => {
    await writeFile(
      file,
      Buffer.from(
        'name: a\nruntime: js-wasi\nimage: quay.io/gr\u00fcn/a\n',
        'latin1',
      ),
    );
    await expect(readFunctionFolder(workspace, '.')).rejects.toMatchObject({
      code: 'FUNC_YAML_SYNTAX',
      message:
        'func.yaml has 1 fault:\nline 3, column 18: func.yaml is not UTF-8: a byte here is no text Save the file as UTF-8.',
    });
  });

  it('refuses a file of 10 MB by its size', async () => {
    const handle = await open(file, 'w');
    await handle.truncate(10_000_000);
    await handle.close();
    await expect(readFunctionFolder(workspace, '.')).rejects.toMatchObject({
      code: 'FUNC_YAML_TOO_LARGE',
      message: "func.yaml in '.' has 10000000 bytes.",
      remedy: 'Keep func.yaml below 256 KiB.',
    });
  });

  it('tells an empty file', async () => {
    await writeFile(file, '');
    await expect(readFunctionFolder(workspace, '.')).rejects.toMatchObject({
      code: 'FUNC_YAML_INVALID',
      message:
        'func.yaml has 1 fault:\nline 1, column 1: func.yaml is empty Write at least `name`, `runtime` and `registry`.',
    });
  });
});
