import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArtifactPlace } from './artifactPlace';

const digest = `sha256:${'a'.repeat(64)}`;

describe('readArtifactPlace', () => {
  let workspace: string;

  beforeEach(async () => {
    workspace = await realpath(await mkdtemp(join(tmpdir(), 'workspace-')));
  });

  afterEach(async () => {
    await rm(workspace, { recursive: true, force: true });
  });

  it.each([
    ['ghcr.io/team/hello:1.0', 'ghcr.io/team/hello:1.0'],
    ['hello', 'docker.io/library/hello'],
  ])('reads %s as an image', (text, image) => {
    expect(readArtifactPlace(workspace, text)).toBe(image);
  });

  it.each([
    ['oci:dist', 'folder', 'dist', undefined],
    ['oci:dist/hello:1.0', 'folder', 'dist/hello', '1.0'],
    [
      'oci:dist:ghcr.io/team/hello:1.0',
      'folder',
      'dist',
      'ghcr.io/team/hello:1.0',
    ],
    [`oci:dist@${digest}`, 'folder', 'dist', digest],
    ['oci-archive:hello.tar:1.0', 'archive', 'hello.tar', '1.0'],
  ])('reads %s as a layout in the workspace', (text, kind, path, reference) => {
    expect(readArtifactPlace(workspace, text)).toEqual({
      kind,
      path: join(workspace, path),
      name: text.startsWith('oci:') ? `oci:${path}` : `oci-archive:${path}`,
      reference,
    });
  });

  it.each(['../x', '/etc', 'link/x'])(
    'refuses the layout %s out of the workspace, also by a link',
    async path => {
      await symlink(tmpdir(), join(workspace, 'link'));
      expect(() => readArtifactPlace(workspace, `oci:${path}`)).toThrow(
        expect.objectContaining({ code: 'SOURCE_PATH_ESCAPES' }),
      );
    },
  );

  it.each([
    'oci:',
    'oci::1.0',
    'oci:dist:',
    'oci:dist:a b',
    'oci:dist@sha256:1',
  ])('refuses %s with the way to write it', text => {
    expect(() => readArtifactPlace(workspace, text)).toThrow(
      expect.objectContaining({
        code: 'IMAGE_REFERENCE_INVALID',
        remedy: 'Write it as oci:folder:tag or oci-archive:file.tar:tag.',
      }),
    );
  });
});
