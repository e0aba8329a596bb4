import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithJco, JCO_PACKAGES, SKELETONS } from '../__testUtils__/jco';
import { runCommand } from '../process';
import { inspectModule } from './inspectModule';

describeWithJco('inspectModule beside jco', () => {
  const SCRIPT = `
    import { readFile, writeFile } from 'node:fs/promises';
    const [tools, skeleton, output] = process.argv.slice(-3);
    const { parse, componentEmbed, componentNew, componentWit, metadataShow } = await import(tools);
    const binary = await parse(await readFile(skeleton + '/module.wat', 'utf8'));
    const component = await componentNew(await componentEmbed({
      binary, witPath: skeleton + '/wit', world: 'function',
      metadata: [['language', [['WAT', '']]]],
    }));
    await writeFile(output + '/module.wasm', component);
    const metadata = await metadataShow(component);
    const producers = metadata.flatMap(({ producers }) => producers)
      .flatMap(([field, values]) => values.map(([name, version]) => ({ field, name, version })));
    await writeFile(output + '/jco.json', JSON.stringify({
      wit: await componentWit(component), producers, range: metadata[0].range,
    }));`;

  it('agrees with wasm-tools on the world, the producers and the size of a component', async () => {
    const directory = await realpath(
      await mkdtemp(join(tmpdir(), 'inspect-jco-')),
    );
    try {
      const { exitCode, tail } = await runCommand({
        command: process.execPath,
        args: [
          '--input-type=module',
          '-e',
          SCRIPT,
          '--',
          join(JCO_PACKAGES, 'jco-transpile/dist/wasm-tools.js'),
          join(SKELETONS, 'wat-wasi'),
          directory,
        ],
        cwd: directory,
        env: {},
        timeoutMs: 60_000,
        maxOutputBytes: 100_000,
      });
      expect({ exitCode, tail }).toEqual({ exitCode: 0, tail: [] });
      const jco = JSON.parse(
        await readFile(join(directory, 'jco.json'), 'utf8'),
      );

      const inspection = await inspectModule(join(directory, 'module.wasm'));

      // jco prints the definitions of the interfaces after the world; we know their names only.
      const world = `${inspection.world}`;
      expect(jco.wit.slice(0, world.length)).toBe(world);
      const unique = (items: object[]) =>
        [...new Set(items.map(item => JSON.stringify(item)))].sort();
      expect(unique(inspection.producers)).toEqual(unique(jco.producers));
      expect([0, inspection.size]).toEqual(jco.range);
      expect(inspection.capabilities.map(({ kind }) => kind)).toEqual([
        'http-outgoing',
        'environment',
      ]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }, 60_000);
});
