import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where distributions keep programs, libraries and what goes with them; not /usr/src, not /usr/local/etc. */
const SYSTEM = [
  '/usr/bin',
  '/usr/sbin',
  '/usr/lib',
  '/usr/lib32',
  '/usr/lib64',
  '/usr/libx32',
  '/usr/libexec',
  '/usr/include',
  '/usr/share',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/usr/local/lib',
  '/usr/local/lib64',
  '/usr/local/libexec',
  '/usr/local/include',
  '/usr/local/share',
  '/usr/local/go',
  // Certificates, not /etc/ssl/private.
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/ca-certificates',
  '/etc/pki/tls',
  '/etc/pki/ca-trust',
  '/etc/crypto-policies',
  '/etc/alternatives',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/localtime',
];
const TOP = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/** Where a sandbox finds the proxy. */
export const PROXY_SOCKET = '/run/wasi/proxy.sock';

/**
 * The arguments of bubblewrap for one tool; what comes after them is the program.
 *
 * @internal
 */
export function sandboxArguments(options: {
  /** Writable, as /tmp and /dev/shm are by way of a folder in it. */
  scratch: string;
  temporary: string;
  /** Where the home in `passwd` has its `.cache`; may be read. */
  cache?: string;
  /** Files and folders that may be read, beside those of the system. */
  readable: readonly string[];
  cwd: string;
  /** Folder of `passwd`, `group` and `hosts`. */
  etc: string;
  /** Socket of the proxy, where there is one. */
  proxy?: string;
  disableUserNamespaces: boolean;
  /** The program waits on descriptor 3, and tells its pid on 4. */
  held: boolean;
}): string[] {
  const { scratch, temporary, readable, cwd, etc, proxy } = options;
  return [
    '--unshare-all',
    '--unshare-user',
    ...['--uid', '1000', '--gid', '1000', '--hostname', 'build'],
    ...(options.disableUserNamespaces ? ['--disable-userns'] : []),
    '--new-session',
    '--die-with-parent',
    ...(options.held ? ['--block-fd', '3', '--info-fd', '4'] : []),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...SYSTEM.flatMap(path => ['--ro-bind-try', path, path]),
    ...TOP.flatMap(topLevel),
    ...['passwd', 'group', 'hosts'].flatMap(name => [
      '--ro-bind',
      join(etc, name),
      join('/etc', name),
    ]),
    ...['/tmp', '/dev/shm'].flatMap(path => ['--bind', temporary, path]),
    ...(options.cache ? ['--ro-bind', options.cache, '/tmp/.cache'] : []),
    ...readable.flatMap(path => ['--ro-bind-try', path, path]),
    ...(proxy ? ['--ro-bind', dirname(proxy), dirname(PROXY_SOCKET)] : []),
    ...['--bind', scratch, scratch],
    // Where we are root, the settings of the kernel would be the build's to change.
    ...['/', '/proc', '/dev'].flatMap(path => ['--remount-ro', path]),
    ...['--chdir', cwd, '--'],
  ];
}

/** Links into /usr where the distribution merged them, folders where not. */
function topLevel(path: string): string[] {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) {
    return [];
  }
  return stats.isSymbolicLink()
    ? ['--symlink', readlinkSync(path), path]
    : ['--ro-bind', path, path];
}
