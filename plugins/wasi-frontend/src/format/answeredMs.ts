/** When an answer was given, by the backend's clock where it tells, in milliseconds. */
export function answeredMs(state: {
  answer: { answeredAt?: string };
  receivedAt: number;
}): number {
  const { answer, receivedAt } = state;
  return Date.parse(answer.answeredAt ?? '') || receivedAt;
}
