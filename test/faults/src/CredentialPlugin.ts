import { join } from 'node:path';
import type { ClientCertificate } from './ClientAuthority';
import { writeAtOnce, type KubeconfigFile } from './KubeconfigFile';

const AN_HOUR = 3_600_000;
const PRINT = 'process.stdout.write(fs.readFileSync(process.argv[1]))';

/** A credential plugin of a kubeconfig, which hands out what its agent has got last. */
export class CredentialPlugin {
  readonly #credential: string;

  constructor(
    file: KubeconfigFile,
    cluster: { server: string; caCertificate: string },
  ) {
    this.#credential = join(file.directory, 'credential.json');
    const name = 'local';
    file.write(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': name,
        clusters: [
          {
            name,
            cluster: {
              server: cluster.server,
              'certificate-authority-data': Buffer.from(
                cluster.caCertificate,
              ).toString('base64'),
            },
          },
        ],
        users: [
          {
            name,
            user: {
              exec: {
                apiVersion: 'client.authentication.k8s.io/v1',
                interactiveMode: 'Never',
                command: process.execPath,
                args: ['-e', PRINT, this.#credential],
              },
            },
          },
        ],
        contexts: [{ name, context: { cluster: name, user: name } }],
      }),
    );
  }

  /** It claims to last for an hour, as one does that is ended before its time. */
  handOut({ certificate, key }: ClientCertificate): void {
    writeAtOnce(
      this.#credential,
      JSON.stringify({
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        status: {
          clientCertificateData: certificate,
          clientKeyData: key,
          expirationTimestamp: new Date(Date.now() + AN_HOUR).toISOString(),
        },
      }),
    );
  }
}
