import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createModuleRegistry } from '../registry';
import {
  hasDockerRegistry,
  startDockerRegistry,
} from '../registry/__fixtures__/dockerRegistry';
import {
  configWith,
  writeModule,
  type ModuleOnDisk,
} from '../registry/__fixtures__/modules';
import { createReferrers } from '../registry/referrers';
import { newKey } from './__fixtures__/keys';
import { createAttester } from './attestation/createAttester';
import { createImageVerifier } from './verification/createImageVerifier';

const run = promisify(execFile);
const hasCosign = !spawnSync('cosign', ['version']).error;

(hasDockerRegistry ? describe : describe.skip)(
  "what is attached to an image, in Debian's docker-registry",
  () => {
    const key = newKey();
    let module: ModuleOnDisk;
    let registry: { host: string; stop(): Promise<void> };
    let image: string;
    let publicKeyFile: string;
    let trustedRootFile: string;

    beforeEach(async () => {
      module = writeModule();
      publicKeyFile = join(module.directory, 'cosign.pub');
      writeFileSync(publicKeyFile, key.publicPem);
      trustedRootFile = module.write('trusted-root.json', {
        mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      });
      registry = await startDockerRegistry(module.directory);
      const pushed = await createModuleRegistry(config()).push({
        path: module.path,
        reference: `${registry.host}/team/hello:1.0`,
        inspection: module.inspection,
        annotations: {},
        created: '2026-01-02T03:04:05Z',
      });
      image = pushed.image;
    });

    afterEach(async () => {
      await registry.stop();
      module.remove();
    });

    const config = () => configWith([{ host: registry.host }]);

    function attest(signing: typeof key | undefined) {
      const directory = join(module.directory, 'function');
      mkdirSync(directory);
      return createAttester({
        registry: createModuleRegistry(config()),
        referrers: createReferrers(config()),
        builder: { id: 'https://portal.example.com', versions: { node: '1' } },
        signing,
        now: () => new Date('2026-01-02T03:04:05Z'),
      }).attest({
        image,
        inspection: module.inspection,
        name: 'hello',
        runtime: 'wat-wasi',
        directory,
        funcYaml: `sha256:${'0'.repeat(64)}`,
        source: 'https://git.example.com/team/hello',
        revision: 'a'.repeat(40),
        tools: { jco: '1.34.0' },
      });
    }

    const cosign = (...args: string[]) =>
      run('cosign', [
        ...args,
        '--key',
        publicKeyFile,
        '--new-bundle-format',
        '--insecure-ignore-tlog=true',
        '--allow-http-registry',
        // Else it asks for the roots of the public Sigstore.
        '--trusted-root',
        trustedRootFile,
        image,
      ]);

    (hasCosign ? it : it.skip)(
      'our signature and attestations are verified by cosign',
      async () => {
        await expect(cosign('verify')).rejects.toThrow();
        await attest(key);
        await expect(cosign('verify')).resolves.toMatchObject({
          stderr: expect.stringContaining(
            'The signatures were verified against the specified public key',
          ),
        });
        const { stdout } = await cosign(
          'verify-attestation',
          '--type',
          'slsaprovenance1',
        );
        expect(stdout).toContain(
          '"payloadType":"application/vnd.in-toto+json"',
        );
        await expect(
          cosign('verify-attestation', '--type', 'cyclonedx'),
        ).resolves.toBeDefined();
        writeFileSync(publicKeyFile, newKey().publicPem);
        await expect(cosign('verify')).rejects.toThrow();
      },
    );

    (hasCosign ? it : it.skip)(
      'a signature that cosign made is trusted by us',
      async () => {
        const keyFile = join(module.directory, 'signing.pem');
        writeFileSync(keyFile, key.privatePem);
        const env = { ...process.env, COSIGN_PASSWORD: '' };
        await run(
          'cosign',
          [
            'import-key-pair',
            '--key',
            keyFile,
            '--output-key-prefix',
            join(module.directory, 'imported'),
          ],
          { env },
        );
        await run(
          'cosign',
          [
            'sign',
            '--key',
            join(module.directory, 'imported.key'),
            '--new-bundle-format',
            '--tlog-upload=false',
            '--allow-http-registry',
            '--yes',
            image,
          ],
          { env },
        );
        const verifier = createImageVerifier({
          referrers: createReferrers(config()),
          verification: {
            policy: 'enforce',
            keys: [key.trusted],
            requireProvenance: false,
          },
        });
        await expect(verifier.verify(image)).resolves.toEqual([]);
      },
    );
  },
);
