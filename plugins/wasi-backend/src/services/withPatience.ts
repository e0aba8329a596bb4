/** The answer, or something else where it takes longer; the work itself goes on. @internal */
export async function withPatience<T>(
  answer: Promise<T>,
  otherwise: T,
  ms: number,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>(resolve => {
    timer = setTimeout(() => resolve(otherwise), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
