import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundArtifactFormat } from '@wasi-functions/backstage-plugin-wasi-common';
import type { MODULES } from './peerModules';
import { PEER_TAG as tag, runPeer, type Peer, type PeerPlace } from './peers';

/** Files that some pushes need beside the module. */
function writeParts(directory: string) {
  writeFileSync(join(directory, 'empty.json'), '{}');
  writeFileSync(
    join(directory, 'runtime-config.json'),
    '{"type":"envoy_proxy","abiVersions":["v0.2.1"],"config":{}}',
  );
  writeFileSync(
    join(directory, 'image.json'),
    '{"architecture":"wasm","os":"wasip1","rootfs":{"type":"layers","diff_ids":[]}}',
  );
}

const orasPush =
  (config: string, ...files: string[]) =>
  async ({ directory, host }: PeerPlace) => {
    writeParts(directory);
    await runPeer(
      'oras',
      [
        'push',
        '--plain-http',
        `${host}/team/hello:${tag}`,
        '--config',
        config,
        ...files,
      ],
      { cwd: directory },
    );
  };

const craneAppend =
  (file: string, options: { base: string[]; mutate?: string[] }) =>
  async ({ directory, host }: PeerPlace) => {
    const reference = `${host}/team/hello:${tag}`;
    const folder = join(directory, 'image');
    mkdirSync(folder);
    writeFileSync(
      join(folder, file),
      readFileSync(join(directory, 'hello.wasm')),
    );
    execFileSync('tar', ['-cf', 'layer.tar', '-C', folder, '.'], {
      cwd: directory,
    });
    await runPeer(
      'crane',
      [
        'append',
        '--insecure',
        '-f',
        'layer.tar',
        '-t',
        reference,
        ...options.base,
      ],
      { cwd: directory },
    );
    if (options.mutate) {
      await runPeer(
        'crane',
        ['mutate', '--insecure', reference, '-t', reference, ...options.mutate],
        { cwd: directory },
      );
    }
  };

const KRUSTLET = 'hello.wasm:application/vnd.wasm.content.layer.v1+wasm';
const IMAGE = 'image.json:application/vnd.oci.image.config.v1+json';

/** What other programs write, and how. */
export const peerPushes: {
  format: FoundArtifactFormat;
  peer: Peer;
  kind?: keyof typeof MODULES;
  push: (place: PeerPlace) => Promise<unknown>;
}[] = [
  {
    format: 'wasm',
    peer: 'wkg',
    push: ({ directory, host }) =>
      runPeer(
        'wkg',
        [
          'oci',
          'push',
          '--insecure',
          host,
          `${host}/team/hello:${tag}`,
          'hello.wasm',
        ],
        { cwd: directory },
      ),
  },
  {
    format: 'wasm',
    peer: 'oras',
    push: orasPush(
      'empty.json:application/vnd.wasm.config.v0+json',
      'hello.wasm:application/wasm',
    ),
  },
  {
    format: 'krustlet',
    peer: 'oras',
    push: orasPush('empty.json:application/vnd.wasm.config.v1+json', KRUSTLET),
  },
  {
    format: 'compat',
    peer: 'crane',
    push: craneAppend('app.wasm', {
      base: ['--oci-empty-base'],
      mutate: [
        '--entrypoint',
        '/app.wasm',
        '--set-platform',
        'wasi/wasm',
        '-a',
        'module.wasm.image/variant=compat',
      ],
    }),
  },
  {
    format: 'istio-compat',
    peer: 'crane',
    kind: 'proxy-wasm',
    push: craneAppend('plugin.wasm', { base: [] }),
  },
  {
    format: 'istio-oci',
    peer: 'oras',
    kind: 'proxy-wasm',
    push: orasPush(
      IMAGE,
      'runtime-config.json:application/vnd.module.wasm.config.v1+json',
      'hello.wasm:application/vnd.module.wasm.content.layer.v1+wasm',
    ),
  },
  {
    format: 'kpt',
    peer: 'kpt-calls',
    kind: 'gojs',
    push: ({ directory, host }) =>
      runPeer(
        'kpt-calls',
        ['push', 'hello.wasm', `${host}/team/hello:${tag}`],
        {
          cwd: directory,
        },
      ),
  },
  {
    format: 'runwasi',
    peer: 'oras',
    push: orasPush(
      IMAGE,
      'hello.wasm:application/vnd.bytecodealliance.wasm.component.layer.v0+wasm',
    ),
  },
  {
    format: 'spin',
    peer: 'oras',
    push: orasPush(
      IMAGE,
      'runtime-config.json:application/vnd.fermyon.spin.application.v1+config',
      KRUSTLET,
    ),
  },
];
