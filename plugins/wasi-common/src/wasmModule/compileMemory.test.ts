import { findRuntime } from '../runtimes';
import { estimateCompileMemory } from './compileMemory';
import { parseQuantity } from './parseQuantity';

const MEBIBYTE = 1024 ** 2;

/** Modules that were compiled, with the peak memory of Wasmtime in MiB. */
const MEASURED = [
  { runtime: 'go-wasi', size: 1_853_295, code: 1_150_899, peak: 73 },
  { runtime: 'js-wasi', size: 12_248_117, code: 8_996_349, peak: 365 },
  { runtime: 'python-wasi', size: 18_394_346, code: 6_592_007, peak: 362 },
];

describe('estimateCompileMemory', () => {
  it.each(MEASURED)(
    'is what was measured for $runtime, or a little more',
    ({ size, code, peak }) => {
      const estimate =
        estimateCompileMemory({
          size,
          sections: [
            { name: 'data', size: size - code },
            { name: 'code', size: code },
          ],
        }) / MEBIBYTE;

      expect(estimate).toBeGreaterThanOrEqual(peak);
      expect(estimate).toBeLessThan(peak * 1.2);
    },
  );

  it.each(MEASURED)(
    'is within the memory limit that $runtime has by default',
    ({ runtime, peak }) => {
      const limit = parseQuantity(findRuntime(runtime)?.memoryLimit ?? '');

      expect(limit).toBeGreaterThan(peak * MEBIBYTE);
    },
  );

  it('has a floor, which the engine takes for any module', () => {
    expect(estimateCompileMemory({ size: 8, sections: [] })).toBe(
      36 * MEBIBYTE + 80,
    );
  });
});
