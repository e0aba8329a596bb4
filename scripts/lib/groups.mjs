const GRACE_MS = 8_000;

/** Ends process groups: politely first, and waits until nothing of them is left. */
export async function endGroups(groups) {
  for (const pid of groups) {
    signalGroup(pid, 'SIGTERM');
  }
  const deadline = Date.now() + GRACE_MS;
  while (anyLeft(groups) && Date.now() < deadline) {
    await pause(50);
  }
  for (const pid of groups) {
    signalGroup(pid, 'SIGKILL');
  }
  while (anyLeft(groups)) {
    await pause(20);
  }
}

/** Whether there was somebody to get the signal; 0 only asks. */
export function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if (error.code === 'ESRCH') {
      return false;
    }
    // macOS answers EPERM for a group of which only a zombie is left.
    if (error.code === 'EPERM') {
      return false;
    }
    throw error;
  }
}

function anyLeft(groups) {
  for (const pid of groups) {
    if (!signalGroup(pid, 0)) {
      groups.delete(pid);
    }
  }
  return groups.size > 0;
}

function pause(milliseconds) {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
