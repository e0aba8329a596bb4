/** What to do where packages of Debian cannot be had. */
export const problems = [
  [
    /answered 404/,
    'Debian has replaced a package. Run `node scripts/toolchains/debian/updateLock.mjs` with the name of the toolchain, and commit what changed.',
  ],
  [
    /cannot be read/,
    'deb.debian.org cannot be reached. Check the network and the proxy, then start again.',
  ],
  [
    /spawn tar ENOENT|xz: Cannot exec/,
    'tar and xz are needed. On Debian: apt-get install tar xz-utils.',
  ],
];
