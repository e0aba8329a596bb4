import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findInDockerConfig } from './dockerConfig';
import { writeModule, type ModuleOnDisk } from './__fixtures__/modules';

const encoded = (text: string) => Buffer.from(text).toString('base64');

describe('findInDockerConfig', () => {
  let files: ModuleOnDisk;
  const { PATH } = process.env;

  beforeEach(() => {
    files = writeModule(8);
  });

  afterEach(() => {
    process.env.PATH = PATH;
    files.remove();
  });

  const find = (
    document: unknown,
    host = 'registry.example',
    repository = 'team/app/x',
  ) =>
    findInDockerConfig(files.write('config.json', document), {
      host,
      repository,
    });

  /** A credential helper that answers as the script says. */
  function installHelper(name: string, script: string) {
    const path = join(files.directory, `docker-credential-${name}`);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    process.env.PATH = `${files.directory}:${PATH}`;
  }

  it.each([
    {
      what: 'base64, cut at the first colon only',
      auths: { 'registry.example': { auth: encoded('me:pa:ss') } },
      credentials: { kind: 'basic', username: 'me', password: 'pa:ss' },
    },
    {
      what: 'account and password in the clear',
      auths: {
        'https://registry.example/v1/': { username: 'me', password: 'p' },
      },
      credentials: { kind: 'basic', username: 'me', password: 'p' },
    },
    {
      what: 'an identity token before the password',
      auths: {
        'https://Registry.Example': {
          auth: encoded('0:'),
          identitytoken: 'refresh',
        },
      },
      credentials: { kind: 'identity', token: 'refresh' },
    },
    {
      what: 'a ready token',
      auths: { 'registry.example': { registrytoken: 'ready' } },
      credentials: { kind: 'bearer', token: 'ready' },
    },
    {
      what: 'the most specific namespace',
      auths: {
        'registry.example': { auth: encoded('host:p') },
        'registry.example/team/app': { auth: encoded('app:p') },
        'registry.example/team': { auth: encoded('team:p') },
        'registry.example/team/ap': { auth: encoded('other:p') },
      },
      credentials: { kind: 'basic', username: 'app', password: 'p' },
    },
    {
      what: 'nothing in an empty entry',
      auths: { 'registry.example': {} },
      credentials: { kind: 'anonymous' },
    },
    {
      what: 'nothing for hosts that only look alike',
      auths: {
        'registry.example.evil': { auth: encoded('a:b') },
        'my-registry.example': { auth: encoded('a:b') },
        'registry.example:5000': { auth: encoded('a:b') },
      },
      credentials: { kind: 'anonymous' },
    },
  ])('finds $what', async ({ auths, credentials }) => {
    await expect(find({ auths })).resolves.toEqual(credentials);
  });

  it('knows Docker Hub by its old name', async () => {
    const auths = { 'https://index.docker.io/v1/': { auth: encoded('a:b') } };
    await expect(find({ auths }, 'docker.io')).resolves.toEqual({
      kind: 'basic',
      username: 'a',
      password: 'b',
    });
  });

  it('asks the helper of the host, with the host on its standard input', async () => {
    installHelper(
      'test',
      `[ "$1" = get ] && printf '{"ServerURL":"%s","Username":"me","Secret":"for %s"}' x "$(cat)"`,
    );
    await expect(
      find({
        credHelpers: { 'registry.example': 'test' },
        auths: { 'registry.example': { auth: encoded('file:p') } },
      }),
    ).resolves.toEqual({
      kind: 'basic',
      username: 'me',
      password: 'for registry.example',
    });
  });

  it('takes the secret of the user <token> for an identity token', async () => {
    installHelper('test', `printf '{"Username":"<token>","Secret":"refresh"}'`);
    await expect(find({ credsStore: 'test' })).resolves.toEqual({
      kind: 'identity',
      token: 'refresh',
    });
  });

  it('goes on to the file when the store knows nothing', async () => {
    installHelper(
      'test',
      'echo "credentials not found in native keychain"; exit 1',
    );
    await expect(
      find({
        credsStore: 'test',
        auths: { 'registry.example': { auth: encoded('file:p') } },
      }),
    ).resolves.toEqual({ kind: 'basic', username: 'file', password: 'p' });
  });

  it.each([
    {
      why: 'fails',
      script: 'echo "keychain is locked"; exit 1',
      message:
        'docker-credential-test gave no credentials for registry.example: keychain is locked',
    },
    {
      why: 'answers nonsense, which may hold a secret',
      script: 'echo "s3cret"',
      message:
        'docker-credential-test gave no credentials for registry.example: its answer is not what helpers answer',
    },
  ])('says so when a helper $why', async ({ script, message }) => {
    installHelper('test', script);
    await expect(find({ credsStore: 'test' })).rejects.toMatchObject({
      code: 'CREDENTIALS_INVALID',
      message,
    });
  });

  it('says which helper is not installed', async () => {
    await expect(find({ credsStore: 'is-not-there' })).rejects.toMatchObject({
      code: 'CREDENTIALS_INVALID',
      message: expect.stringContaining(
        'docker-credential-is-not-there gave no credentials for registry.example: it is not installed',
      ),
    });
  });

  it.each(['../evil', 'a b', '-x', 'a;b', 'x'.repeat(65)])(
    'runs nothing for a helper called %s',
    async helper => {
      await expect(find({ credsStore: helper })).rejects.toMatchObject({
        code: 'CREDENTIALS_INVALID',
        message: expect.stringContaining('invalid name'),
      });
    },
  );

  it.each([
    {
      why: 'no JSON',
      text: '{"auths": "s3cret',
      message: 'not a JSON document',
    },
    {
      why: 'a wrong value',
      text: '{"auths": {"registry.example": {"auth": 7}}}',
      message: 'wrong value at auths.registry.example.auth',
    },
    {
      why: 'no account in base64',
      text: `{"auths": {"registry.example": {"auth": "${encoded('s3cret')}"}}}`,
      message: 'not base64 of `user:password`',
    },
  ])('repeats no secret of a file with $why', async ({ text, message }) => {
    const path = join(files.directory, 'config.json');
    writeFileSync(path, text);
    const error = await findInDockerConfig(path, {
      host: 'registry.example',
      repository: 'x',
    }).catch(e => e);
    expect(error).toMatchObject({
      code: 'CREDENTIALS_INVALID',
      message: expect.stringContaining(message),
    });
    expect(`${error.message}${error.cause}`).not.toMatch(/s3cret|czNjcmV0/);
  });

  it('says that the file is missing', async () => {
    await expect(
      findInDockerConfig(join(files.directory, 'none.json'), {
        host: 'registry.example',
        repository: 'x',
      }),
    ).rejects.toMatchObject({
      code: 'CREDENTIALS_INVALID',
      message: 'The file of `wasi.dockerConfig` cannot be read (ENOENT)',
    });
  });
});
