import { startKubernetesApi } from '../startKubernetesApi';

/** A Kubernetes API in a process of its own, for a test that kills it. */
async function main(directory: string) {
  const { server, caCertificate, adminToken } = await startKubernetesApi({
    directory,
    port: 0,
    // eslint-disable-next-line no-empty-function
    logSource: { async *read() {} },
  });
  process.stdout.write(
    `${JSON.stringify({ server, caCertificate, adminToken })}\n`,
  );
}

main(process.argv[2]);
