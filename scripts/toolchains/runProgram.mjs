import { spawn } from 'node:child_process';

const TAIL_LINES = 20;

/**
 * Runs a program of an installation to its end; it ends with us.
 *
 * @returns {Promise<string[]>} Its last lines; rejects with them as `tail` where it fails.
 */
export function runProgram(command, args, options = {}) {
  const child = spawn(command, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => child.kill();
  process.once('exit', end);
  const tail = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', text => {
      tail.push(...text.split('\n').filter(Boolean));
      tail.splice(0, tail.length - TAIL_LINES);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code =>
      code === 0
        ? resolve(tail)
        : reject(
            Object.assign(new Error(`${command} ended with ${code}`), { tail }),
          ),
    );
  }).finally(() => process.off('exit', end));
}
