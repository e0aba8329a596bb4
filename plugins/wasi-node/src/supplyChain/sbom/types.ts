/** A package of a lock file. */
export interface LockedPackage {
  /** Type of its package URL. */
  type: 'npm' | 'cargo' | 'golang' | 'pypi';
  /** `@scope`, or the path of a Go module before its last part. */
  namespace?: string;
  name: string;
  version?: string;
  /** Of the archive that the registry of the language has. */
  hash?: {
    algorithm: 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';
    hex: string;
  };
  /** Needed to build or test, and not part of the module. */
  development?: boolean;
}

/** Says in words what is wrong with a lock file. */
export class LockFileFault extends Error {}
