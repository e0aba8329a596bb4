/**
 * Configuration of jco's bundler that keeps it in the function's folder:
 *
 *   jco componentize … --bundle-config bundleGuard.mjs
 *
 * The bundler reads what an import resolves to, by way of packages, their
 * `main`, `imports` maps, `data:` modules and links; so the file that is
 * about to be read is judged, not the way to it. WASI_BUILD_GUARD is JSON:
 * `{ workspace, tools, refusal }`: folders that may be read, and the file that a
 * refusal is written to as `{ specifier, importer }`.
 */
import { realpathSync, writeFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import process from 'node:process';

const { workspace, tools, refusal } = JSON.parse(process.env.WASI_BUILD_GUARD);
const importers = new Map();

export default {
  plugins: [
    {
      name: 'wasi-build-guard',
      async resolveId(specifier, importer, options) {
        const found = await this.resolve(specifier, importer, {
          ...options,
          skipSelf: true,
        });
        if (found && importer && !importers.has(found.id)) {
          importers.set(found.id, { specifier, importer });
        }
        return found;
      },
      load(id) {
        // Modules that jco makes up have no file.
        if (id.startsWith('\0') || id.startsWith('data:')) {
          return null;
        }
        const real = realpathSync(id.replace(/[?#].*$/, ''));
        if (![workspace, ...tools].some(folder => isInside(real, folder))) {
          const { specifier = id, importer = id } = importers.get(id) ?? {};
          writeFileSync(
            refusal,
            JSON.stringify({
              specifier,
              importer: isInside(importer, workspace)
                ? relative(workspace, importer)
                : '',
            }),
          );
          throw new Error(`'${specifier}' leaves the workspace`);
        }
        return null;
      },
    },
  ],
};

function isInside(path, folder) {
  return path === folder || path.startsWith(folder + sep);
}
