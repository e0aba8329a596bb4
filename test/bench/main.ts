import * as build from './build';
import * as buildNative from './buildNative';
import * as bundle from './bundle';
import * as clusters from './clusters';
import * as inspect from './inspect';
import * as install from './install';
import * as live from './live';
import * as requests from './requests';
import * as template from './template';
import * as transfer from './transfer';
import * as unchanged from './unchanged';
import { keep, print } from './report';

const benchmarks = {
  transfer,
  build,
  buildNative,
  unchanged,
  inspect,
  requests,
  clusters,
  template,
  live,
  bundle,
  install,
};

async function main(wanted: string[]): Promise<void> {
  const unknown = wanted.filter(name => !(name in benchmarks));
  if (unknown.length > 0) {
    throw new Error(
      `No benchmark ${unknown.join(', ')}; there are ${Object.keys(
        benchmarks,
      ).join(', ')}.`,
    );
  }
  for (const [name, { measure, title }] of Object.entries(benchmarks)) {
    if (wanted.length > 0 && !wanted.includes(name)) {
      continue;
    }
    try {
      const results = await measure();
      print(title, results);
      keep(name, title, results);
    } catch (error) {
      console.error(`\n${title} could not be measured: ${error}`);
      process.exitCode = 1;
    }
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(),
  error => {
    console.error(error.message);
    process.exit(1);
  },
);
