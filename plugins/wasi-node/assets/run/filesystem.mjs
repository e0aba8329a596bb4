/* eslint-disable no-throw-literal -- what is thrown is the error case of a WIT result */
import { lstatSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/**
 * Opens the directories for a guest and holds it inside them: no write below a
 * read-only one, and no way out through a symbolic link, which preview2-shim
 * itself follows.
 */
export function openDirectories(filesystem, directories) {
  const places = new WeakMap();
  guardDescriptors(filesystem.types.Descriptor.prototype, places);
  filesystem._clearPreopens();
  for (const { hostPath, guestPath, readOnly } of directories) {
    const root = realpathSync(hostPath);
    filesystem._addPreopen(guestPath, root);
    const [descriptor] = filesystem._getPreopens().at(-1);
    places.set(descriptor, { root, path: root, readOnly });
  }
}

function guardDescriptors(prototype, places) {
  const writes = descriptor => {
    if (places.get(descriptor)?.readOnly) {
      throw 'not-permitted';
    }
  };
  const inside = (descriptor, path, follow) =>
    stayInside(places.get(descriptor), path, follow);

  wrap(prototype, 'openAt', (descriptor, original, args) => {
    const [pathFlags, path, openFlags, descriptorFlags] = args;
    if (
      openFlags.create ||
      openFlags.truncate ||
      descriptorFlags.write ||
      descriptorFlags.mutateDirectory
    ) {
      writes(descriptor);
    }
    const place = inside(descriptor, path, Boolean(pathFlags.symlinkFollow));
    const opened = original(args);
    places.set(opened, place);
    return opened;
  });
  for (const method of ['statAt', 'metadataHashAt']) {
    wrap(prototype, method, (descriptor, original, args) => {
      inside(descriptor, args[1], Boolean(args[0].symlinkFollow));
      return original(args);
    });
  }
  wrap(prototype, 'setTimesAt', (descriptor, original, args) => {
    writes(descriptor);
    inside(descriptor, args[1], true);
    return original(args);
  });
  wrap(prototype, 'readlinkAt', (descriptor, original, args) => {
    inside(descriptor, args[0], false);
    return original(args);
  });
  for (const method of [
    'createDirectoryAt',
    'removeDirectoryAt',
    'unlinkFileAt',
  ]) {
    wrap(prototype, method, (descriptor, original, args) => {
      writes(descriptor);
      inside(descriptor, args[0], false);
      return original(args);
    });
  }
  wrap(prototype, 'symlinkAt', (descriptor, original, args) => {
    writes(descriptor);
    inside(descriptor, args[1], false);
    return original(args);
  });
  wrap(prototype, 'linkAt', (descriptor, original, args) => {
    const [oldPathFlags, oldPath, newDescriptor, newPath] = args;
    writes(descriptor);
    writes(newDescriptor);
    inside(descriptor, oldPath, Boolean(oldPathFlags.symlinkFollow));
    inside(newDescriptor, newPath, false);
    return original(args);
  });
  wrap(prototype, 'renameAt', (descriptor, original, args) => {
    const [oldPath, newDescriptor, newPath] = args;
    writes(descriptor);
    writes(newDescriptor);
    inside(descriptor, oldPath, false);
    inside(newDescriptor, newPath, false);
    return original(args);
  });
  for (const method of [
    'write',
    'writeViaStream',
    'appendViaStream',
    'setSize',
    'setTimes',
  ]) {
    wrap(prototype, method, (descriptor, original, args) => {
      writes(descriptor);
      return original(args);
    });
  }
}

/** Where a path leads from an opened place; throws the name of a WASI error where that is outside. */
export function stayInside(place, path, follow) {
  if (!place) {
    throw 'bad-descriptor';
  }
  const target = join(place.path, path);
  if (!contains(place.root, target)) {
    throw 'not-permitted';
  }
  const real = realTarget(target, follow);
  if (!contains(place.root, real)) {
    throw 'not-permitted';
  }
  return { ...place, path: target };
}

function realTarget(target, follow) {
  const parent = () =>
    join(realpathSync(dirname(target)), target.slice(dirname(target).length));
  try {
    if (follow) {
      return realpathSync(target);
    }
    return parent();
  } catch (error) {
    if (error.code !== 'ENOENT') {
      throw fileError(error);
    }
  }
  try {
    if (lstatSync(target).isSymbolicLink()) {
      // A dangling link would be created through, wherever it points.
      throw 'not-permitted';
    }
  } catch (error) {
    if (error.code !== 'ENOENT') {
      throw typeof error === 'string' ? error : fileError(error);
    }
  }
  try {
    return parent();
  } catch (error) {
    throw fileError(error);
  }
}

function contains(root, path) {
  return (
    path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
  );
}

function fileError(error) {
  switch (error.code) {
    case 'ENOENT':
      return 'no-entry';
    case 'ENOTDIR':
      return 'not-directory';
    case 'ELOOP':
      return 'loop';
    case 'ENAMETOOLONG':
      return 'name-too-long';
    default:
      return 'access';
  }
}

function wrap(prototype, method, around) {
  const original = prototype[method];
  prototype[method] = function wrapped(...args) {
    return around(this, given => original.apply(this, given), args);
  };
}
