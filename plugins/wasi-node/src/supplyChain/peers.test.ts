/* eslint-disable jest/no-standalone-expect -- itWith is it, or it.skip */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { runPeer } from '../registry/__fixtures__/peers';
import { itWith } from '../registry/__fixtures__/usePeers';
import { createReferrers } from '../registry/referrers';
import { newKey } from './__fixtures__/keys';
import { createAttester } from './attestation/createAttester';
import { createImageVerifier } from './verification/createImageVerifier';

jest.setTimeout(120_000);

(hasDockerRegistry ? describe : describe.skip)(
  "what is attached to an image, in Debian's docker-registry",
  () => {
    const key = newKey();
    let module: ModuleOnDisk;
    let registry: { host: string; stop(): Promise<void> };
    let image: string;
    const config = () => configWith([{ host: registry.host }]);

    beforeEach(async () => {
      module = writeModule();
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

    const file = (name: string) => join(module.directory, name);
    const run = (peer: 'cosign' | 'oras', ...args: string[]) =>
      runPeer(peer, args, {
        cwd: module.directory,
        env: { COSIGN_PASSWORD: '' },
      });

    function attest(signing?: typeof key) {
      const directory = file('function');
      mkdirSync(directory, { recursive: true });
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

    const verify = () =>
      createImageVerifier({
        referrers: createReferrers(config()),
        verification: {
          policy: 'enforce',
          keys: [key.trusted],
          requireProvenance: false,
        },
      }).verify(image);

    it('is listed by the fallback tag, and verified by us', async () => {
      await expect(verify()).rejects.toMatchObject({
        code: 'IMAGE_NOT_SIGNED',
      });
      await expect(attest(key)).resolves.toMatchObject({ attached: 4 });
      await expect(attest(key)).resolves.toMatchObject({ attached: 0 });
      await expect(verify()).resolves.toEqual([]);
    });

    it('loses nothing when much is attached at once', async () => {
      const referrers = createReferrers(config());
      const attached = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          referrers.attach(image, [
            { artifactType: 'text/plain', bytes: Buffer.from(`${index}`) },
          ]),
        ),
      );
      const listed = await referrers.list(image);
      expect(new Set(listed.referrers.map(({ digest }) => digest))).toEqual(
        new Set(attached.flatMap(({ digests }) => digests)),
      );
    });

    itWith('cosign')('is verified by cosign, by the key alone', async () => {
      writeFileSync(file('signing.pub'), key.publicPem);
      // Else it asks for the roots of the public Sigstore.
      module.write('trusted-root.json', {
        mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      });
      const cosign = (...args: string[]) =>
        run(
          'cosign',
          ...args,
          '--key=signing.pub',
          '--new-bundle-format',
          '--insecure-ignore-tlog=true',
          '--allow-http-registry',
          '--trusted-root=trusted-root.json',
          image,
        );
      const attested = async (type: string) => {
        const stdout = await cosign('verify-attestation', '--type', type);
        const { payload } = JSON.parse(stdout.split('\n')[0]);
        return JSON.parse(Buffer.from(payload, 'base64').toString());
      };

      await expect(cosign('verify')).rejects.toThrow('no valid bundles');
      await attest(key);
      await cosign('verify');
      await expect(attested('slsaprovenance1')).resolves.toMatchObject({
        predicateType: 'https://slsa.dev/provenance/v1',
        predicate: {
          runDetails: { builder: { id: 'https://portal.example.com' } },
        },
      });
      await expect(attested('cyclonedx')).resolves.toMatchObject({
        predicateType: 'https://cyclonedx.org/bom',
        predicate: { metadata: { component: { name: 'hello' } } },
      });

      writeFileSync(file('signing.pub'), newKey().publicPem);
      await expect(cosign('verify')).rejects.toThrow('failed to verify');
    });

    itWith('cosign')('is trusted by us when cosign signed it', async () => {
      writeFileSync(file('signing.pem'), key.privatePem);
      await run(
        'cosign',
        'import-key-pair',
        '--key=signing.pem',
        '--output-key-prefix=imported',
      );
      await run(
        'cosign',
        'sign',
        '--key=imported.key',
        '--new-bundle-format',
        '--tlog-upload=false',
        '--allow-http-registry',
        '--yes',
        image,
      );
      await expect(verify()).resolves.toEqual([]);
    });

    itWith('oras')('is discovered and pulled by oras', async () => {
      const { sbom, provenance } = await attest();
      const found = JSON.parse(
        await run('oras', 'discover', '--plain-http', '--format=json', image),
      );
      expect(
        found.referrers.map(
          ({ digest, artifactType }: Record<string, string>) => [
            digest,
            artifactType,
          ],
        ),
      ).toEqual([
        [sbom.digest, 'application/vnd.cyclonedx+json'],
        [provenance, 'application/vnd.in-toto+json'],
      ]);
      await run(
        'oras',
        'pull',
        '--plain-http',
        `${image.split('@')[0]}@${sbom.digest}`,
      );
      const { metadata } = JSON.parse(
        readFileSync(file('hello.cdx.json'), 'utf8'),
      );
      expect(metadata.component.hashes[0].content).toBe(
        module.inspection.digest.replace('sha256:', ''),
      );
    });

    itWith('oras')(
      'is listed and fetched by us when oras attached it',
      async () => {
        writeFileSync(file('notes.txt'), 'of the release');
        await run(
          'oras',
          'attach',
          '--plain-http',
          '--artifact-type=text/plain',
          image,
          'notes.txt:text/plain',
        );
        await attest();
        const referrers = createReferrers(config());
        const listed = await referrers.list(image);
        expect(listed.referrers.map(row => row.artifactType)).toEqual([
          'text/plain',
          'application/vnd.cyclonedx+json',
          'application/vnd.in-toto+json',
        ]);
        const { bytes } = await referrers.fetch(
          image,
          listed.referrers[0].digest,
          { maxBytes: 100 },
        );
        expect(bytes.toString()).toBe('of the release');
      },
    );
  },
);
