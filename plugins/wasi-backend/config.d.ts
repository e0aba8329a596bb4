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
    /** Deploys from the catalog; see docs/catalog-driven-deploys.md. */
    sync?: {
      /**
       * Deploy the func.yaml of entities that ask for it, with the portal's own account.
       * Default: false.
       */
      enabled?: boolean;
      /**
       * How often; as `schedule` of other plugins. One backend of all runs it. Default: each
       * minute, for at most 15 minutes.
       */
      schedule?: {
        frequency: { [unit: string]: number } | { cron: string } | string;
        timeout: { [unit: string]: number } | string;
        initialDelay?: { [unit: string]: number } | string;
      };
      /**
       * What may be deployed: each of it by one rule as a whole. In patterns, `*` stands for
       * any text. Default: nothing.
       */
      allow?: Array<{
        /** Patterns of `cluster/namespace`, e.g. `production/shop-*`. */
        targets: string[];
        /**
         * Patterns of the address of func.yaml, e.g. `https://github.com/acme/*`. This is the
         * one thing that who writes the file cannot choose. Default: all.
         */
        sources?: string[];
        /** Patterns of entity refs, e.g. `component:default/*`. Default: all. */
        entities?: string[];
        /** Patterns of refs of owners, as catalog-info.yaml names them. Default: all. */
        owners?: string[];
        /** Patterns of `host/repository` of images, among those of `wasi.registries`. Default: all. */
        registries?: string[];
      }>;
      /** By name of the environment; `default` where an entity names none. */
      environments?: {
        [environment: string]: {
          /** Over what entities say. Default: what they say, else `apply`. */
          mode?: 'apply' | 'pull-request' | 'observe';
          /**
           * Path of the manifest in the repository, with `{name}` and `{environment}`.
           * Default: `deploy/{name}.yaml`, and `deploy/{environment}/{name}.yaml` for named ones.
           */
          path?: string;
        };
      };
      /**
       * What becomes of a module whose entity, annotation or environment is gone: it stays
       * (`orphan`), or is deleted. Default: `orphan`.
       */
      onRemoval?: 'orphan' | 'delete';
      /** Reads of the catalog in a row without it, before it is gone. Default: 3. */
      removalReads?: number;
      /** Modules that one run deletes at most. Default: 5. */
      maxDeletesPerRun?: number;
      /** Entities that are looked at at once. Default: 4. */
      concurrency?: number;
      /** Writes to one cluster. Default: 5. */
      writesPerSecond?: number;
    };
  };
}
