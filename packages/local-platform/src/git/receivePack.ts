import fs from 'node:fs';
import git from 'isomorphic-git';
import { ObjectReader } from './ObjectReader';
import {
  encodePacket,
  encodeSideBand,
  FLUSH,
  PacketFormatError,
  PacketReader,
  packetText,
} from './packetLine';
import { PackError } from './PackError';
import { headBranch, listReferences } from './references';
import { replaceFile } from './replaceFile';
import { isSafeReference, type Repository } from './RepositoryStore';
import { findMissing, storePack } from './storePack';

interface Command {
  before?: string;
  after?: string;
  reference: string;
}

const NO_OBJECT = '0'.repeat(40);

/**
 * Answers `POST git-receive-pack`: stores the objects of a push and moves references.
 *
 * The caller holds the repository's lock.
 *
 * https://git-scm.com/docs/gitprotocol-pack#_pushing_data_to_a_server
 *
 * @internal
 */
export async function receivePack(
  repository: Repository,
  body: Buffer,
  maxObjectBytes: number,
): Promise<Buffer> {
  const reader = new PacketReader(body);
  const { commands, capabilities } = readCommands(reader);
  if (commands.length === 0) {
    // Git asks once with nothing to find out whether it is let in.
    return Buffer.alloc(0);
  }
  const lines = await runCommands(
    repository,
    commands,
    reader.rest(),
    maxObjectBytes,
  );
  if (!capabilities.has('report-status')) {
    return Buffer.alloc(0);
  }
  const report = Buffer.concat([
    ...lines.map(line => encodePacket(`${line}\n`)),
    FLUSH,
  ]);
  return capabilities.has('side-band-64k')
    ? Buffer.concat([...encodeSideBand(1, report), FLUSH])
    : report;
}

function readCommands(reader: PacketReader): {
  commands: Command[];
  capabilities: Set<string>;
} {
  const commands: Command[] = [];
  let capabilities = new Set<string>();
  for (
    let packet = reader.next();
    packet?.type === 'data';
    packet = reader.next()
  ) {
    const [text, rest] = packetText(packet.data).split('\0');
    if (rest !== undefined) {
      capabilities = new Set(rest.trim().split(' '));
    }
    if (text.startsWith('shallow ')) {
      // Says where the client's history ends; a gap is found when objects are checked.
      continue;
    }
    const match = /^([0-9a-f]{40}) ([0-9a-f]{40}) (.+)$/.exec(text);
    if (!match) {
      throw new PacketFormatError('a push command is not "old new reference"');
    }
    commands.push({
      before: match[1] === NO_OBJECT ? undefined : match[1],
      after: match[2] === NO_OBJECT ? undefined : match[2],
      reference: match[3],
    });
  }
  return { commands, capabilities };
}

async function runCommands(
  repository: Repository,
  commands: Command[],
  pack: Buffer,
  maxObjectBytes: number,
): Promise<string[]> {
  const { gitdir } = repository;
  let received: string[] = [];
  let discard = async () => {};
  if (commands.some(({ after }) => after)) {
    try {
      if (pack.length > 0) {
        ({ oids: received, discard } = await storePack(
          gitdir,
          pack,
          maxObjectBytes,
        ));
      }
    } catch (error) {
      if (!(error instanceof PackError)) {
        throw error;
      }
      return [
        `unpack ${error.message}`,
        ...commands.map(({ reference }) => `ng ${reference} unpacker error`),
      ];
    }
  }
  const known = new Set(received);
  const refusals: (string | undefined)[] = [];
  try {
    for (const command of commands) {
      refusals.push(await runCommand(gitdir, command, known));
    }
  } finally {
    if (refusals.every(refusal => refusal !== undefined)) {
      await discard();
    }
  }
  await nameFirstBranch(gitdir, commands);
  return [
    'unpack ok',
    ...commands.map(({ reference }, index) =>
      refusals[index]
        ? `ng ${reference} ${refusals[index]}`
        : `ok ${reference}`,
    ),
  ];
}

/** Moves one reference; answers the reason where it does not. */
async function runCommand(
  gitdir: string,
  command: Command,
  received: ReadonlySet<string>,
): Promise<string | undefined> {
  const { before, after, reference } = command;
  if (!isSafeReference(reference)) {
    return 'funny refname';
  }
  const objects = new ObjectReader(gitdir);
  const references = await listReferences(objects);
  const current = references.find(({ name }) => name === reference)?.oid;
  if (current !== before) {
    return 'the reference was changed by somebody else, fetch first';
  }
  if (!after) {
    if ((await headBranch(gitdir)) === reference) {
      return 'the default branch cannot be deleted';
    }
    await git.deleteRef({ fs, gitdir, ref: reference });
    return undefined;
  }
  const clash = references.find(
    ({ name }) =>
      name.startsWith(`${reference}/`) || reference.startsWith(`${name}/`),
  );
  if (clash) {
    return `${clash.name} exists`;
  }
  const missing = await findMissing(objects, after, received);
  if (missing) {
    return `missing necessary objects (${missing})`;
  }
  if (
    reference.startsWith('refs/heads/') &&
    (await objects.read(after)).type !== 'commit'
  ) {
    return 'a branch must name a commit';
  }
  await replaceFile(gitdir, reference, `${after}\n`);
  return undefined;
}

/** Lets HEAD name the first branch pushed where its own branch was never made. */
async function nameFirstBranch(
  gitdir: string,
  commands: Command[],
): Promise<void> {
  const branches = await git.listBranches({ fs, gitdir });
  const head = await headBranch(gitdir);
  if (branches.includes(head.replace(/^refs\/heads\//, ''))) {
    return;
  }
  const first = commands.find(
    ({ after, reference }) =>
      after &&
      reference.startsWith('refs/heads/') &&
      branches.includes(reference.replace(/^refs\/heads\//, '')),
  );
  if (first) {
    await replaceFile(gitdir, 'HEAD', `ref: ${first.reference}\n`);
  }
}
