import {
  KubernetesStatusError,
  type StatusCause,
} from './KubernetesStatusError';

/** The resource that a refusal is about. */
export interface ResourceName {
  group: string;
  /** Plural name. */
  resource: string;
}

/** The kind that a refusal is about. */
export interface KindName {
  group: string;
  kind: string;
}

/** One wrong field of an object. */
export interface FieldError {
  /** Such as `FieldValueRequired`. */
  reason: string;
  field: string;
  /** Without the field's name. */
  message: string;
}

/** `wasmmodules.wasm.serving.knative.dev`, or the plain plural in the core group. */
export function qualified(name: ResourceName): string {
  return name.group ? `${name.resource}.${name.group}` : name.resource;
}

export function notFound(on: ResourceName, name: string) {
  return new KubernetesStatusError({
    code: 404,
    reason: 'NotFound',
    message: `${qualified(on)} "${name}" not found`,
    details: details(on, name),
  });
}

export function pathNotFound() {
  return new KubernetesStatusError({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  });
}

export function alreadyExists(on: ResourceName, name: string) {
  return new KubernetesStatusError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${qualified(on)} "${name}" already exists`,
    details: details(on, name),
  });
}

export function conflict(on: ResourceName, name: string, why: string) {
  return new KubernetesStatusError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${qualified(
      on,
    )} "${name}": ${why}`,
    details: details(on, name),
  });
}

export function modifiedConflict(on: ResourceName, name: string) {
  return conflict(
    on,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}

export function applyConflict(message: string, causes: StatusCause[]) {
  return new KubernetesStatusError({
    code: 409,
    reason: 'Conflict',
    message,
    details: { causes },
  });
}

/** 422 with one cause for each wrong field. */
export function invalid(on: KindName, name: string, errors: FieldError[]) {
  const kind = on.group ? `${on.kind}.${on.group}` : on.kind;
  // A fault that two parties found is a cause twice, and said once.
  const lines = [
    ...new Set(errors.map(error => `${error.field}: ${error.message}`)),
  ];
  return new KubernetesStatusError({
    code: 422,
    reason: 'Invalid',
    message: `${kind} "${name}" is invalid: ${
      lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`
    }`,
    details: {
      ...(name && { name }),
      ...(on.group && { group: on.group }),
      ...(on.kind && { kind: on.kind }),
      causes: errors,
    },
  });
}

export function badRequest(message: string) {
  return new KubernetesStatusError({
    code: 400,
    reason: 'BadRequest',
    message,
  });
}

export function unauthorized() {
  return new KubernetesStatusError({
    code: 401,
    reason: 'Unauthorized',
    message: 'Unauthorized',
  });
}

export function forbidden(on: ResourceName, name: string, why: string) {
  const subject = on.resource
    ? `${qualified(on)} ${name ? `"${name}" ` : ''}is forbidden: `
    : 'forbidden: ';
  return new KubernetesStatusError({
    code: 403,
    reason: 'Forbidden',
    message: `${subject}${why}`,
    details: details(on, name),
  });
}

export function methodNotAllowed() {
  return new KubernetesStatusError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  });
}

/** A verb that a custom resource, or a part of it, does not know. */
export function verbNotSupported(on: ResourceName, verb: string) {
  return new KubernetesStatusError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: `${verb} is not supported on resources of kind "${qualified(on)}"`,
    details: details(on, ''),
  });
}

export function notAcceptable(accepted: string[]) {
  return new KubernetesStatusError({
    code: 406,
    reason: 'NotAcceptable',
    message: `only the following media types are accepted: ${accepted.join(
      ', ',
    )}`,
  });
}

export function unsupportedMediaType(accepted: string[]) {
  return new KubernetesStatusError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(
      ', ',
    )}`,
  });
}

export function bodyTooLarge(limit: number) {
  return new KubernetesStatusError({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: limit is ${limit}`,
  });
}

export function tooManyOperations(limit: number, sent: number) {
  return new KubernetesStatusError({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: The allowed maximum operations in a JSON patch is ${limit}, got ${sent}`,
  });
}

/** An object that is larger than what etcd keeps, which is told in its words. */
export function tooLargeToKeep() {
  return new KubernetesStatusError({
    code: 500,
    message: 'etcdserver: request is too large',
  });
}

/** A failure that kube-apiserver gives no reason for. */
export function plainError(message: string) {
  return new KubernetesStatusError({ code: 500, message });
}

/** A watch or list from a version that is no longer remembered: list again. */
export function expired(message: string, continueToken?: string) {
  return new KubernetesStatusError({
    code: 410,
    reason: 'Expired',
    message,
    ...(continueToken && { metadata: { continue: continueToken } }),
  });
}

export function versionTooLarge(asked: number, current: number) {
  return new KubernetesStatusError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    details: {
      causes: [
        {
          reason: 'ResourceVersionTooLarge',
          message: 'Too large resource version',
        },
      ],
      retryAfterSeconds: 1,
    },
  });
}

/** Tells nothing of the error itself, which may hold paths of this machine. */
export function internalError() {
  return new KubernetesStatusError({
    code: 500,
    reason: 'InternalError',
    message: 'Internal error occurred; the log of the local platform has it',
  });
}

function details(on: ResourceName, name: string) {
  return {
    ...(name && { name }),
    ...(on.group && { group: on.group }),
    ...(on.resource && { kind: on.resource }),
  };
}
