import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactFormatName } from '@wasi-functions/backstage-plugin-wasi-common';
import type { PushedModule } from '../types';
import { PEER_TAG as tag, runPeer, type Peer, type PeerPlace } from './peers';

/** What another program makes of an artifact. */
type Pull = (place: PeerPlace, pushed: PushedModule) => Promise<Buffer>;

const digestPart = (image: string) => image.slice(image.indexOf('@'));

const orasPull =
  (file = 'hello.wasm'): Pull =>
  async ({ directory, host }) => {
    await runPeer(
      'oras',
      ['pull', '--plain-http', `${host}/team/hello:${tag}`, '-o', 'oras'],
      { cwd: directory },
    );
    return readFileSync(join(directory, 'oras', file));
  };

/** Every blob that is a gzip is looked into; the module must be one of them. */
const skopeoPull =
  (platform?: { os: string; architecture: string }): Pull =>
  async ({ directory, host }, { layerDigest }) => {
    const target = join(directory, 'skopeo');
    await runPeer(
      'skopeo',
      [
        ...(platform
          ? [
              '--override-os',
              platform.os,
              '--override-arch',
              platform.architecture,
            ]
          : []),
        'copy',
        '--src-tls-verify=false',
        `docker://${host}/team/hello:${tag}`,
        `dir:${target}`,
      ],
      { cwd: directory },
    );
    const bare = join(target, layerDigest.slice(7));
    if (existsSync(bare)) {
      return readFileSync(bare);
    }
    const layer = readdirSync(target)
      .filter(name => /^[a-f0-9]{64}$/.test(name))
      .map(name => readFileSync(join(target, name)))
      .find(bytes => bytes[0] === 0x1f)!;
    return execFileSync('tar', ['-xzO'], { input: layer });
  };

const craneExport =
  (platform?: string): Pull =>
  async ({ directory, host }) => {
    await runPeer(
      'crane',
      [
        'export',
        '--insecure',
        ...(platform ? ['--platform', platform] : []),
        `${host}/team/hello:${tag}`,
        'crane.tar',
      ],
      { cwd: directory },
    );
    return execFileSync('tar', ['-xOf', 'crane.tar'], { cwd: directory });
  };

const craneBlob: Pull = async ({ directory, host }, { layerDigest }) => {
  await runPeer(
    'crane',
    [
      'pull',
      '--insecure',
      '--format=oci',
      `${host}/team/hello:${tag}`,
      'crane',
    ],
    { cwd: directory },
  );
  return readFileSync(
    join(directory, 'crane', 'blobs', 'sha256', layerDigest.slice(7)),
  );
};

const byFile =
  (name: 'kpt-calls' | 'istio-pull' | 'runner-pull'): Pull =>
  async ({ directory, host }, { runnerImage }) => {
    const reference =
      name === 'runner-pull'
        ? `${host}/team/hello${digestPart(runnerImage!)}`
        : `${host}/team/hello:${tag}`;
    await runPeer(
      name,
      [...(name === 'kpt-calls' ? ['pull'] : []), reference, 'pulled'],
      { cwd: directory },
    );
    return readFileSync(join(directory, 'pulled'));
  };

const wkgPull: Pull = async ({ directory, host }, { runnerImage }) => {
  await runPeer(
    'wkg',
    [
      'oci',
      'pull',
      '--insecure',
      host,
      `${host}/team/hello${digestPart(runnerImage!)}`,
      '-o',
      'wkg.wasm',
    ],
    { cwd: directory },
  );
  return readFileSync(join(directory, 'wkg.wasm'));
};

/** How each program gets at the module of each format that it knows. */
export const peerPulls: Record<
  ArtifactFormatName,
  Partial<Record<Peer, Pull>>
> = {
  wasm: {
    oras: orasPull(),
    skopeo: skopeoPull(),
    crane: craneBlob,
    wkg: wkgPull,
    'runner-pull': byFile('runner-pull'),
  },
  krustlet: {
    oras: orasPull(),
    skopeo: skopeoPull(),
    crane: craneBlob,
    'runner-pull': byFile('runner-pull'),
  },
  compat: { skopeo: skopeoPull(), crane: craneExport() },
  'istio-compat': {
    'istio-pull': byFile('istio-pull'),
    skopeo: skopeoPull(),
    crane: craneExport(),
  },
  'istio-oci': {
    'istio-pull': byFile('istio-pull'),
    oras: orasPull(),
    crane: craneBlob,
  },
  kpt: {
    'kpt-calls': byFile('kpt-calls'),
    skopeo: skopeoPull({ os: 'js', architecture: 'wasm' }),
    crane: craneExport('js/wasm'),
  },
  index: {
    skopeo: skopeoPull({ os: 'wasi', architecture: 'wasm' }),
    crane: craneExport('wasi/wasm'),
    wkg: wkgPull,
    'runner-pull': byFile('runner-pull'),
  },
};
