export interface Config {
  wasi?: {
    /** What was deployed, by whom and how it ended. */
    history?: {
      /**
       * Days that deployments are kept; the last one of a module that exists always is.
       * Default: 365.
       */
      retentionDays?: number;
      /** Deployments that are kept of one module. Default: 200. */
      maxPerModule?: number;
      /**
       * Keys for env values that look secret, each of at least 32 characters; the first one
       * encrypts, all decrypt. Without a key such values are not kept, and a rollback leaves
       * those that the cluster has. Default: none.
       * @deepVisibility secret
       */
      encryptionKeys?: string[];
    };
  };
}
