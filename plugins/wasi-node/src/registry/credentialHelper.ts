import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { execa } from 'execa';
import { z } from 'zod';
import type { RegistryCredentials } from './credentials';
import { parseJson } from './parseJson';

const timeoutMs = 15_000;
const maxOutputBytes = 256 * 1024;
const longestReason = 200;
const helperName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const answerSchema = z.looseObject({
  Username: z.string(),
  Secret: z.string().min(1),
});

/**
 * Asks `docker-credential-<helper>` for the credentials of a server.
 *
 * The helper gets the backend's environment: cloud helpers find their account there.
 *
 * https://github.com/docker/docker-credential-helpers#development
 *
 * @returns undefined where the helper knows nothing of the server
 * @throws WasiError `CREDENTIALS_INVALID`
 */
export async function askCredentialHelper(options: {
  helper: string;
  serverUrl: string;
  signal?: AbortSignal;
}): Promise<RegistryCredentials | undefined> {
  const { helper, serverUrl, signal } = options;
  if (!helperName.test(helper)) {
    throw new WasiError('CREDENTIALS_INVALID', {
      message: `The credential helper named in \`wasi.dockerConfig\` for ${serverUrl} has an invalid name`,
    });
  }
  const program = `docker-credential-${helper}`;
  const result = await execa(program, ['get'], {
    input: serverUrl,
    shell: false,
    preferLocal: false,
    reject: false,
    timeout: timeoutMs,
    maxBuffer: maxOutputBytes,
    cancelSignal: signal,
    stripFinalNewline: true,
  });
  if (signal?.aborted) {
    throw new WasiError('REGISTRY_ABORTED', {
      message: `Asking ${program} for credentials was cancelled`,
    });
  }
  if (result.failed) {
    // By the protocol, the reason of a failure is on stdout.
    const reason = result.stdout.replace(/\s+/g, ' ').slice(0, longestReason);
    if (/credentials not found/i.test(reason)) {
      return undefined;
    }
    throw failed(program, serverUrl, describeFailure(result, reason));
  }
  const parsed = answerSchema.safeParse(parseJson(result.stdout));
  if (!parsed.success) {
    throw failed(program, serverUrl, 'its answer is not what helpers answer');
  }
  const { Username, Secret } = parsed.data;
  return Username === '<token>'
    ? { kind: 'identity', token: Secret }
    : { kind: 'basic', username: Username, password: Secret };
}

function describeFailure(
  result: { timedOut: boolean; code?: string; exitCode?: number },
  reason: string,
): string {
  if (result.timedOut) {
    return `it did not answer within ${timeoutMs / 1000} seconds`;
  }
  if (result.code === 'ENOENT') {
    return 'it is not installed on the PATH of the backend';
  }
  return reason || `it ended with exit code ${result.exitCode}`;
}

function failed(program: string, server: string, why: string): WasiError {
  return new WasiError('CREDENTIALS_INVALID', {
    message: `${program} gave no credentials for ${server}: ${why}`,
    remedy: `Correct the set-up of ${program}, or remove it from the file of \`wasi.dockerConfig\`.`,
  });
}
