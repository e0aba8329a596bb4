import { ObjectReader } from './ObjectReader';
import { encodePacket, FLUSH } from './packetLine';
import { headBranch, listReferences } from './references';
import type { Repository } from './RepositoryStore';

/** The two services of git's smart HTTP. @internal */
export type GitService = 'git-upload-pack' | 'git-receive-pack';

const AGENT = 'agent=wasi-local-platform';
const NO_OBJECT = '0'.repeat(40);

/**
 * The answer to `GET info/refs?service=…`: every reference and what we can do.
 *
 * Always protocol version 0, which every client reads, also one that asked for 2.
 *
 * @internal
 */
export async function advertiseReferences(
  repository: Repository,
  service: GitService,
): Promise<Buffer> {
  const references = await listReferences(new ObjectReader(repository.gitdir));
  const head = await headBranch(repository.gitdir);
  const lines: string[] = [];
  const headReference = references.find(({ name }) => name === head);
  if (service === 'git-upload-pack' && headReference) {
    lines.push(`${headReference.oid} HEAD`);
  }
  for (const { name, oid, peeled } of references) {
    lines.push(`${oid} ${name}`);
    if (peeled && service === 'git-upload-pack') {
      lines.push(`${peeled} ${name}^{}`);
    }
  }
  if (lines.length === 0) {
    lines.push(`${NO_OBJECT} capabilities^{}`);
  }
  const capabilities = capabilitiesOf(service, headReference && head);
  return Buffer.concat([
    encodePacket(`# service=${service}\n`),
    FLUSH,
    ...lines.map((line, index) =>
      encodePacket(index === 0 ? `${line}\0${capabilities}\n` : `${line}\n`),
    ),
    FLUSH,
  ]);
}

// https://git-scm.com/docs/gitprotocol-capabilities
function capabilitiesOf(service: GitService, head?: string): string {
  const capabilities =
    service === 'git-upload-pack'
      ? [
          'multi_ack_detailed',
          'no-done',
          'side-band-64k',
          'shallow',
          'include-tag',
          'no-progress',
          ...(head ? [`symref=HEAD:${head}`] : []),
        ]
      : [
          'report-status',
          'delete-refs',
          'side-band-64k',
          'ofs-delta',
          'quiet',
          // A thin pack leans on objects outside of it; packs are stored as they come.
          'no-thin',
        ];
  return [...capabilities, 'object-format=sha1', AGENT].join(' ');
}
