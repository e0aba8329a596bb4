import type { KubeApiserver } from '@wasi-functions/local-platform/testing';

export default async function stopSharedApiserver(): Promise<void> {
  await (
    globalThis as { sharedApiserver?: KubeApiserver }
  ).sharedApiserver?.close();
}
