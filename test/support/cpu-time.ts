/** Milliseconds that this thread has been running: what a busy machine gives to others is not in it. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
