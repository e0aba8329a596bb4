// Pushes in a process of its own, since Node reads NODE_EXTRA_CA_CERTS when it starts:
// node pushProcess.js <file with { config, pushes, target }>
const { readFileSync } = require('node:fs');
// eslint-disable-next-line @backstage/no-undeclared-imports
require('@backstage/cli/config/nodeTransform.cjs');
const { createModuleRegistry } = require('..');

async function main() {
  const { config, pushes, target } = JSON.parse(
    readFileSync(process.argv[2], 'utf8'),
  );
  const client = createModuleRegistry(config);
  for (const push of pushes) {
    const { image, size } = await client.push(push);
    await client.pull(image, target, { maxBytes: size });
  }
}

main().catch(error => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
