import { useEffect, useState } from 'react';

/** The time, renewed often enough for ages on the page. */
export function useNow(intervalMs: number = 5_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), intervalMs);
    return () => clearInterval(timer);
  }, [intervalMs]);
  return now;
}
