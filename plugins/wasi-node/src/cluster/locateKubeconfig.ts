import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { unusable, type LocatedCluster } from './LocatedCluster';

/** The cluster of the current context of a kubeconfig. @internal */
export function locateKubeconfig(path: string): LocatedCluster {
  let kubeConfig: KubeConfig;
  try {
    kubeConfig = loadKubeconfig(path);
  } catch (error) {
    const { code } = error as { code?: string };
    return unusable(
      { name: 'kubeconfig' },
      `The kubeconfig that \`wasi.kubeconfig\` names cannot be read${
        code ? ` (${code})` : ''
      }.`,
      'Check the path and that the file is a kubeconfig.',
    );
  }
  const name = kubeConfig.getCurrentContext();
  if (!name || !kubeConfig.getCurrentCluster()) {
    return unusable(
      { name: name || 'kubeconfig' },
      'The kubeconfig that `wasi.kubeconfig` names has no current context with a cluster.',
      'Set it with `kubectl config use-context`.',
    );
  }
  return { name, loadKubeConfig: () => loadKubeconfig(path) };
}

// client-node knows the file of a token by another key than kubectl, and takes
// it as relative to the working directory.
const TOKEN_FILE =
  /^(\s*(?:- )?["']?)tokenFile(["']?\s*:\s*)["']?([^"'\n,}]+)["']?/gm;

function loadKubeconfig(path: string): KubeConfig {
  const kubeConfig = new KubeConfig();
  const directory = dirname(path);
  kubeConfig.loadFromString(
    readFileSync(path, 'utf8').replace(
      TOKEN_FILE,
      (_, before, between, file) =>
        `${before}token-file${between}${JSON.stringify(
          resolve(directory, file.trim()),
        )}`,
    ),
  );
  kubeConfig.makePathsAbsolute(directory);
  return kubeConfig;
}
