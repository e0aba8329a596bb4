import {
  createCipheriv,
  createDecipheriv,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import {
  looksSecret,
  MASKED_VALUE,
  parseWasmModule,
  WASM_MODULE_API_VERSION,
  WASM_MODULE_KIND,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';

const CIPHER = 'aes-256-gcm';
const PURPOSE = 'wasi deploy history';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const sealedSchema = z.object({
  iv: z.base64(),
  tag: z.base64(),
  data: z.base64(),
});
const valuesSchema = z.record(z.string(), z.string());

/** A module as the database holds it. @internal */
export interface SealedModule {
  /** JSON; values that look secret are masked. */
  manifest: string;
  /** The masked values, encrypted; absent where there are none, or no key. */
  secrets?: string;
}

/**
 * Keeps modules without a secret in clear: values that look like one are
 * encrypted, or without a key not kept at all.
 *
 * @internal
 */
export class SecretVault {
  readonly #keys: Buffer[];

  /** @param keys - The first one encrypts, all of them decrypt. */
  constructor(keys: readonly string[]) {
    this.#keys = keys.map(key =>
      Buffer.from(hkdfSync('sha256', key, '', PURPOSE, 32)),
    );
  }

  seal(module: WasmModule): SealedModule {
    const { name, namespace, labels, annotations } = module.metadata;
    const { [LAST_APPLIED]: _, ...kept } = annotations ?? {};
    const values: Record<string, string> = {};
    const env = module.spec.env?.map((variable, index) => {
      if (!looksSecret(variable)) {
        return variable;
      }
      values[index] = variable.value!;
      return { ...variable, value: MASKED_VALUE };
    });
    const manifest = JSON.stringify({
      apiVersion: WASM_MODULE_API_VERSION,
      kind: WASM_MODULE_KIND,
      metadata: { name, namespace, labels, annotations: kept },
      spec: { ...module.spec, env },
    });
    const [key] = this.#keys;
    return key && Object.keys(values).length > 0
      ? { manifest, secrets: encrypt(key, manifest, JSON.stringify(values)) }
      : { manifest };
  }

  /** The module, with masked values where they are not kept. */
  open(sealed: SealedModule): WasmModule {
    const module = parseWasmModule(JSON.parse(sealed.manifest));
    const values = sealed.secrets && this.#decrypt(sealed);
    if (!values) {
      return module;
    }
    const known = valuesSchema.parse(JSON.parse(values));
    return {
      ...module,
      spec: {
        ...module.spec,
        env: module.spec.env?.map((variable, index) =>
          Object.hasOwn(known, index)
            ? { ...variable, value: known[index] }
            : variable,
        ),
      },
    };
  }

  #decrypt({ manifest, secrets }: SealedModule): string | undefined {
    const sealed = sealedSchema.parse(JSON.parse(secrets!));
    for (const key of this.#keys) {
      try {
        const decipher = createDecipheriv(
          CIPHER,
          key,
          Buffer.from(sealed.iv, 'base64'),
        );
        decipher.setAAD(Buffer.from(manifest));
        decipher.setAuthTag(Buffer.from(sealed.tag, 'base64'));
        return Buffer.concat([
          decipher.update(Buffer.from(sealed.data, 'base64')),
          decipher.final(),
        ]).toString();
      } catch {
        // Another key has encrypted it; without that one the values are not known.
      }
    }
    return undefined;
  }
}

/** Bound to its manifest, so that values cannot be moved to another one. */
function encrypt(key: Buffer, manifest: string, text: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv(CIPHER, key, iv);
  cipher.setAAD(Buffer.from(manifest));
  const data = Buffer.concat([cipher.update(text), cipher.final()]);
  return JSON.stringify({
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  });
}
