import { WasiError } from '../diagnosis';
import type { ImageReference } from './types';

const DEFAULT_HOST = 'docker.io';
const OFFICIAL_PREFIX = 'library/';
/** Of the repository without its host, as the distribution project counts. */
const MAX_NAME_LENGTH = 255;

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
 * Fills in `docker.io` and `library/` as Docker does; adds no tag.
 *
 * @throws {@link WasiError} `IMAGE_REFERENCE_INVALID`
 * @public
 */
export function parseImageReference(text: string): ImageReference {
  const refuse = (why: string, remedy?: string) =>
    new WasiError('IMAGE_REFERENCE_INVALID', {
      message: `Image reference "${shorten(text)}" ${why}`,
      remedy,
    });

  if (text === '') {
    throw refuse('is empty');
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
  if (!HOST.test(host)) {
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
  const isHost =
    slash > 0 &&
    (/[.:]/.test(first) ||
      first === 'localhost' ||
      first !== first.toLowerCase());
  const host = isHost ? first : DEFAULT_HOST;
  const repository = isHost ? name.slice(slash + 1) : name;
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

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
