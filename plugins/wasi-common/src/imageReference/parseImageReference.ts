import { WasiError } from '../diagnosis';
import { parseIpAddress } from '../network/parseIpAddress';
import type { ImageReference } from './types';

const DEFAULT_HOST = 'docker.io';
const OFFICIAL_PREFIX = 'library/';
/** Of the repository without its host, as the distribution project counts. */
const MAX_NAME_LENGTH = 255;
/** More than host, repository, tag and digest can have together. */
const MAX_LENGTH = 1024;
const MAX_HOST_LENGTH = 253;
const MAX_PORT = 65535;

// https://github.com/distribution/reference/blob/main/regexp.go
const DOMAIN_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const HOST = new RegExp(
  `^(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`,
);
const PATH_PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${PATH_PART}(?:/${PATH_PART})*$`);
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$/;
const DIGEST =
  /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
/** Hex digits of the digests that registries agree on. */
const DIGEST_LENGTHS: Record<string, number> = {
  sha256: 64,
  sha384: 96,
  sha512: 128,
};

/**
 * Reads an image reference by the distribution project's grammar.
 *
 * Fills in `docker.io` and `library/` as Docker does; adds no tag. Of hosts,
 * only those are taken that a URL can have.
 *
 * @throws {@link WasiError} `IMAGE_REFERENCE_INVALID`
 * @public
 */
export function parseImageReference(text: string): ImageReference {
  const refuse = (why: string, remedy?: string) =>
    new WasiError('IMAGE_REFERENCE_INVALID', {
      message: `Image reference "${shown(text)}" ${why}`,
      remedy,
    });

  if (text === '') {
    throw refuse('is empty');
  }
  if (text.length > MAX_LENGTH) {
    throw refuse(`is longer than ${MAX_LENGTH} characters`);
  }
  if (namesUser(text)) {
    throw refuse(
      'has a user before the registry host',
      'Remove what stands before the @; logins belong into the configuration.',
    );
  }
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0];
  if (scheme) {
    throw refuse(
      `starts with ${scheme}, which is no part of a reference`,
      `Remove the leading ${scheme}.`,
    );
  }

  const { rest: named, after: digest } = cut(text, text.indexOf('@'));
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/') && !isHostOnly(named);
  const { rest: name, after: tag } = cut(named, hasTag ? colon : -1);

  if (digest !== undefined && !isDigest(digest)) {
    throw refuse('has no valid digest after the @');
  }
  if (tag !== undefined && !TAG.test(tag)) {
    throw refuse(
      'has an invalid tag',
      'Use letters, digits, dots, dashes and underscores for the tag, at most 128 of them, not starting with a dot or dash.',
    );
  }

  const { host, repository } = splitHost(name);
  if (!isHost(host)) {
    throw refuse('has an invalid registry host');
  }
  if (!REPOSITORY.test(repository)) {
    throw refuse(
      repository !== repository.toLowerCase()
        ? 'has upper-case letters in the repository'
        : 'has an invalid repository',
    );
  }
  if (repository.length > MAX_NAME_LENGTH) {
    throw refuse(`has a repository longer than ${MAX_NAME_LENGTH} characters`);
  }

  return {
    host,
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/**
 * The first part is a host only if it looks like one, otherwise it belongs to
 * a repository of Docker Hub.
 */
function splitHost(name: string): { host: string; repository: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const isNamed =
    slash > 0 &&
    (/[.:]/.test(first) ||
      first === 'localhost' ||
      first !== first.toLowerCase());
  const host = isNamed ? first : DEFAULT_HOST;
  const repository = isNamed ? name.slice(slash + 1) : name;
  if (host !== DEFAULT_HOST && host !== 'index.docker.io') {
    return { host, repository };
  }
  return {
    host: DEFAULT_HOST,
    repository: repository.includes('/')
      ? repository
      : `${OFFICIAL_PREFIX}${repository}`,
  };
}

function isHost(host: string): boolean {
  if (!HOST.test(host)) {
    return false;
  }
  const [, name, port] = /^(.*?)(?::([0-9]+))?$/.exec(host) ?? [];
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= MAX_PORT)) {
    return false;
  }
  if (name.startsWith('[')) {
    return parseIpAddress(name.slice(1, -1)) !== undefined;
  }
  // `127.1` and `0x7f000001` are addresses too, to some; a reference says the same to all.
  const isNumeric = /^(?:[0-9]+|0[xX][0-9a-fA-F]*)$/.test(
    name.slice(name.lastIndexOf('.') + 1),
  );
  return isNumeric
    ? parseIpAddress(name) !== undefined
    : name.length <= MAX_HOST_LENGTH;
}

/** `[::1]:5000` has colons without a repository: none of them starts a tag. */
function isHostOnly(named: string): boolean {
  return named.startsWith('[') && !named.includes('/');
}

function isDigest(digest: string): boolean {
  if (!DIGEST.test(digest)) {
    return false;
  }
  const [algorithm, hex] = digest.split(':');
  const length = DIGEST_LENGTHS[algorithm];
  return length !== undefined && hex.length === length && !/[A-F]/.test(hex);
}

function cut(text: string, at: number): { rest: string; after?: string } {
  return at < 0
    ? { rest: text }
    : { rest: text.slice(0, at), after: text.slice(at + 1) };
}

/** `user:password@host/…`: no digest has a slash behind its @. */
function namesUser(text: string): boolean {
  const at = text.indexOf('@');
  return at >= 0 && text.includes('/', at);
}

/** What stands before an @ that begins no digest may be a password. */
function shown(text: string): string {
  const at = text.lastIndexOf('@');
  const isDigestMeant =
    text.indexOf('@') === at &&
    /^[A-Za-z0-9+._-]+:[0-9a-fA-F]*$/.test(text.slice(at + 1));
  const safe = at >= 0 && !isDigestMeant ? `…${text.slice(at)}` : text;
  return safe.length > 120 ? `${safe.slice(0, 120)}…` : safe;
}
